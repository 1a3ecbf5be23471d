using ClusterTrust.CertSync.Certificates;

namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>Short calls of the parser for tests.</summary>
internal static class Parsing
{
    public static CertificateBundle Parse(string tlsCrt, string tlsKey, string caCrt = "", bool includeRoot = false, bool strict = false)
    {
        var bundle = CertificateParser.Parse(Pki.Bytes(tlsCrt), Pki.Bytes(tlsKey), Pki.Bytes(caCrt), new BundleOptions(includeRoot, strict));
        return bundle.RefusalAt(Pki.Start) is { } refusal ? throw new CertificateFormatException(refusal) : bundle;
    }

    public static CertificateFormatException Refused(string tlsCrt, string tlsKey, string caCrt = "", bool strict = false) =>
        Assert.Throws<CertificateFormatException>(() => Parse(tlsCrt, tlsKey, caCrt, strict: strict).Dispose());

    public static void IsRefused(string because, string tlsCrt, string tlsKey, string caCrt = "") =>
        Assert.Contains(because, Refused(tlsCrt, tlsKey, caCrt).Message, StringComparison.Ordinal);

    /// <summary>Asserts what is in the chain, in order.</summary>
    public static void HasChain(CertificateBundle bundle, params Issued[] expected) =>
        Assert.Equal(expected.Select(issued => issued.Certificate.Subject), bundle.Chain.Select(certificate => certificate.Subject));
}
