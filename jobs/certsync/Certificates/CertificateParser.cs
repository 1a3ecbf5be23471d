using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>Parses the entries of a TLS Secret into a <see cref="CertificateBundle"/>: key, leaf, chain, in that order.</summary>
public static class CertificateParser
{
    /// <summary>Bytes of one entry: a whole Secret holds at most 1 MiB (Kubernetes MaxSecretSize).</summary>
    internal const int MaximumEntryBytes = 1024 * 1024;

    /// <summary>Whether tls.crt is empty: the certificate has not been issued yet.</summary>
    public static bool IsPending(ReadOnlySpan<byte> tlsCrt) => tlsCrt.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <param name="tlsCrt">PEM: the leaf and possibly its chain, in any order, with anything around it.</param>
    /// <param name="tlsKey">PEM: the private key. The caller wipes it; no copy outlives the bundle.</param>
    /// <param name="caCrt">PEM: CA certificates that may complete the chain; may be empty.</param>
    /// <exception cref="CertificateFormatException">The certificate cannot be imported.</exception>
    public static CertificateBundle Parse(ReadOnlySpan<byte> tlsCrt, ReadOnlySpan<byte> tlsKey, ReadOnlySpan<byte> caCrt, BundleOptions options)
    {
        CheckSize(tlsCrt, "tls.crt");
        CheckSize(tlsKey, "tls.key");
        var warnings = new List<string>();
        using var candidates = new CandidateCertificates();
        using (var content = Open(tlsCrt, "tls.crt", FileKind.Certificate, warnings))
        {
            candidates.AddFromLeafEntry(content.Bytes.Span, warnings);
        }

        var key = ReadKey(tlsKey, warnings);
        try
        {
            candidates.AddFromAuthorityEntry(caCrt, warnings);
            var leaf = FindLeaf(candidates.Certificates, key, warnings);
            VaultRules.Check(leaf);
            var keyPolicy = VaultRules.PolicyFor(leaf, key, warnings);
            var chain = ChainBuilder.Build(leaf, candidates.Certificates);
            Warn(chain, warnings);
            var dropsRoot = chain.HasRoot && chain.Certificates.Count > 1 && !options.IncludeRoot;
            ChainCertificate[] certificates = [.. dropsRoot ? chain.Certificates.SkipLast(1) : chain.Certificates];
            // Only the writers know the exact length; a chain that exceeds the limit by itself need not get that far.
            VaultRules.CheckLength(certificates.Sum(certificate => certificate.Certificate.RawDataMemory.Length) / 3 * 4);
            var bundle = new CertificateBundle(certificates, key, warnings) { KeyPolicy = keyPolicy, RefusedGap = options.StrictChain ? chain.Gap : null };
            candidates.Release(certificates);
            return bundle;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static PrivateKey ReadKey(ReadOnlySpan<byte> tlsKey, List<string> warnings)
    {
        using var content = Open(tlsKey, "tls.key", FileKind.PrivateKey, warnings);
        return PrivateKeyReader.Read(content.Bytes.Span, warnings);
    }

    /// <summary>Converts an entry to plain PEM where that is needed.</summary>
    /// <exception cref="CertificateFormatException">It holds something else.</exception>
    private static FileContent Open(ReadOnlySpan<byte> entry, string name, FileKind kind, List<string> warnings)
    {
        var content = FileContent.Read(entry, kind);
        if (content.Fault is { } fault)
        {
            content.Dispose();
            throw new CertificateFormatException($"{name} {fault}.");
        }

        warnings.AddRange(content.Warnings.Select(warning => $"{name} {warning}."));
        return content;
    }

    private static ChainCertificate FindLeaf(IReadOnlyCollection<ChainCertificate> certificates, PrivateKey key, List<string> warnings)
    {
        // A key reused on renewal, or a self-signed placeholder, leaves several; the newest by the issuer is the leaf.
        var matching = certificates
            .Where(certificate => certificate.IsFromLeafEntry && key.Matches(certificate.Certificate))
            .OrderBy(certificate => certificate.IsSelfIssued)
            .ThenByDescending(certificate => certificate.NotAfter)
            .ThenByDescending(certificate => certificate.NotBefore)
            .ThenBy(certificate => certificate.Thumbprint, StringComparer.Ordinal)
            .ToArray();
        switch (matching)
        {
            case []:
                var own = certificates.Where(certificate => certificate.IsFromLeafEntry).ToArray();
                throw new CertificateFormatException(
                    $"tls.key matches none of the {own.Length} certificate(s) in tls.crt (the first is {own[0].SubjectText}): reissue the certificate, so that both come from one request.");
            case [var only]:
                return only;
            default:
                warnings.Add($"tls.crt contains {matching.Length} certificates for the key; the one valid until {matching[0].NotAfter:yyyy-MM-dd} is used.");
                return matching[0];
        }
    }

    private static void Warn(CertificateChain chain, List<string> warnings)
    {
        if (chain.Gap is { } gap)
        {
            warnings.Add(gap);
        }

        var unrelated = chain.Unrelated.Where(certificate => certificate.IsFromLeafEntry).Select(certificate => certificate.SubjectText).Order(StringComparer.Ordinal).ToArray();
        if (unrelated.Length > 0)
        {
            warnings.Add($"tls.crt contains {unrelated.Length} certificate(s) outside the chain, which are ignored (the first is {unrelated[0]}).");
        }
    }

    private static void CheckSize(ReadOnlySpan<byte> entry, string name)
    {
        if (entry.Length > MaximumEntryBytes)
        {
            throw new CertificateFormatException($"{name} has {entry.Length} bytes, more than a Secret can hold ({MaximumEntryBytes}): keep only the certificate and its chain.");
        }
    }
}

/// <summary>A certificate that cannot be imported. The only exception that leaves this room.</summary>
/// <param name="sentence">What is wrong and what to do. Never holds key material.</param>
public sealed class CertificateFormatException(string sentence, Exception? innerException = null) : Exception(sentence, innerException);
