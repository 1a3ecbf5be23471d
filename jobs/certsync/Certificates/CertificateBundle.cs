using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>How a chain is built.</summary>
/// <param name="IncludeRoot">Keep the self-signed root at the end of the chain. Default false, as TLS servers do.</param>
/// <param name="StrictChain">Refuse a chain with a gap instead of only reporting it. Default false.</param>
public sealed record BundleOptions(bool IncludeRoot = false, bool StrictChain = false);

/// <summary>A certificate, its chain and its private key, ready to import. Holds the key in memory until disposed of.</summary>
public sealed class CertificateBundle : IDisposable
{
    private readonly IReadOnlyList<ChainCertificate> _certificates;
    private readonly PrivateKey _key;

    internal CertificateBundle(IReadOnlyList<ChainCertificate> certificates, PrivateKey key, IReadOnlyList<string> warnings)
    {
        (_certificates, _key, Warnings) = (certificates, key, warnings);
        var leaf = certificates[0];
        Chain = [.. certificates.Select(certificate => certificate.Certificate)];
        Thumbprint = leaf.Thumbprint;
        ChainSha256 = DigestsOf(Chain)[^1];
        Identities = leaf.Identities.Count > 0 ? leaf.Identities : [$"subject:{leaf.SubjectText}"];
    }

    /// <summary>The certificate of the key, without the key.</summary>
    public X509Certificate2 Leaf => _certificates[0].Certificate;

    /// <summary>All certificates as they are sent, leaf first, each followed by its issuer.</summary>
    public IReadOnlyList<X509Certificate2> Chain { get; }

    /// <summary>SHA-1 over the leaf's DER, lower-case hexadecimal: Key Vault's <c>x5t</c>.</summary>
    public string Thumbprint { get; }

    /// <summary>SHA-256 over the concatenated DER of the chain as it is sent, lower-case hexadecimal.</summary>
    public string ChainSha256 { get; }

    /// <summary>Start of the leaf's validity, UTC.</summary>
    public DateTimeOffset NotBefore => _certificates[0].NotBefore;

    /// <summary>End of the leaf's validity, UTC.</summary>
    public DateTimeOffset NotAfter => _certificates[0].NotAfter;

    /// <summary>
    /// The leaf's alternative names with their kind (<c>DNS:</c>, <c>IP:</c>, <c>URI:</c>, <c>email:</c>), sorted; its subject if it
    /// has none. Equal for every issue of the same certificate.
    /// </summary>
    public IReadOnlyList<string> Identities { get; }

    /// <summary>Whether the leaf may sign other certificates (basicConstraints, <c>cA</c>).</summary>
    public bool IsCertificateAuthority => _certificates[0].HasAuthorityConstraint;

    /// <summary>The policy to import it with; null if the vault can derive the key's properties from the certificate, as it usually can.</summary>
    public KeyPolicy? KeyPolicy { get; init; }

    /// <summary>Anomalies that do not prevent the import, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The gap in the chain that <see cref="ThrowIfRefused"/> refuses, one sentence; null if there is none or gaps are allowed.</summary>
    internal string? RefusedGap { get; init; }

    /// <exception cref="CertificateFormatException">The chain has a gap that is not allowed, or the leaf has expired.</exception>
    public void ThrowIfRefused(DateTimeOffset now)
    {
        if (RefusedGap is { } gap)
        {
            throw new CertificateFormatException(gap);
        }

        if (now > NotAfter)
        {
            throw new CertificateFormatException(
                $"The certificate expired at {Instant(NotAfter)}, and Key Vault rejects expired certificates: find out why it was not renewed (kubectl describe certificate).");
        }
    }

    /// <summary><see cref="Warnings"/>, and those that depend on the time: not valid yet, or an expired CA in the chain.</summary>
    public IReadOnlyList<string> WarningsAt(DateTimeOffset now)
    {
        var all = new List<string>(Warnings);
        if (now < NotBefore)
        {
            all.Add($"The certificate is not valid before {Instant(NotBefore)}; clients reject it until then.");
        }

        all.AddRange(_certificates.Skip(1).Where(authority => now > authority.NotAfter)
            .Select(authority => $"The CA certificate {authority.SubjectText} in the chain expired at {Instant(authority.NotAfter)}: configure the issuer with its current one."));
        return all;
    }

    /// <summary>Writes a PFX with an empty password, leaf first.</summary>
    /// <returns>The file; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault accepts.</exception>
    public byte[] ToPfx(PfxEncryption encryption = PfxEncryption.TripleDesSha1) => PfxWriter.Write(Chain, _key, encryption);

    /// <summary>Writes PEM for <c>application/x-pem-file</c>: the PKCS#8 key, then the chain, leaf first.</summary>
    /// <returns>ASCII text; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault accepts.</exception>
    public byte[] ToPem() => PemWriter.Write(Chain, _key);

    /// <summary>For each number of certificates from the leaf on, SHA-256 over their concatenated DER, lower-case hexadecimal.</summary>
    public static ImmutableArray<string> DigestsOf(IReadOnlyList<X509Certificate2> chain)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var digests = ImmutableArray.CreateBuilder<string>(chain.Count);
        foreach (var certificate in chain)
        {
            sha256.AppendData(certificate.RawDataMemory.Span);
            digests.Add(Convert.ToHexStringLower(sha256.GetCurrentHash()));
        }

        return digests.ToImmutable();
    }

    public void Dispose()
    {
        _key.Dispose();
        foreach (var certificate in _certificates)
        {
            certificate.Dispose();
        }
    }

    private static string Instant(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
