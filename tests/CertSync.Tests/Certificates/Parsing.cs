namespace ClusterTrust.CertSync.Tests.Certificates;

internal static class Parsing
{
    public static CertificateBundle Parse(string tlsCrt, string tlsKey, string caCrt = "", bool includeRoot = false, bool strict = false)
    {
        var bundle = CertificateParser.Parse(Pki.Bytes(tlsCrt), Pki.Bytes(tlsKey), Pki.Bytes(caCrt), new BundleOptions(includeRoot, strict));
        return bundle.RefusalAt(Pki.Start) is { } refusal ? throw new CertificateFormatException(refusal) : bundle;
    }

    /// <summary>Parses a certificate with its own key and its chain in tls.crt.</summary>
    public static CertificateBundle Parse(Issued leaf, params Issued[] authorities) => Parse(leaf.Pem + Pem(authorities), leaf.Pkcs8);

    public static CertificateFormatException Refused(string tlsCrt, string tlsKey, string caCrt = "", bool strict = false) =>
        Assert.Throws<CertificateFormatException>(() => Parse(tlsCrt, tlsKey, caCrt, strict: strict).Dispose());

    public static void IsRefused(string because, string tlsCrt, string tlsKey, string caCrt = "") =>
        Assert.Contains(because, Refused(tlsCrt, tlsKey, caCrt).Message, StringComparison.Ordinal);

    public static void HasChain(CertificateBundle bundle, params Issued[] expected) =>
        Assert.Equal(expected.Select(static issued => Name(issued.Certificate)), bundle.Chain.Select(Name));

    public static void HasWarning(CertificateBundle bundle, string part) =>
        Assert.Contains(bundle.Warnings, warning => warning.Contains(part, StringComparison.Ordinal));

    public static string Pem(string label, byte[] der) => PemEncoding.WriteString(label, der) + "\n";

    public static string Pem(params IEnumerable<Issued> certificates) => string.Concat(certificates.Select(static one => one.Pem));

    private static string Name(X509Certificate2 certificate) => $"{certificate.Subject} {certificate.Thumbprint}";
}
