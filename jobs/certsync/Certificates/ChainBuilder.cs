namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Finds the leaf among the certificates of a Secret, and orders them into its chain. Among cross-signed issuers it prefers the shortest path to a root in the
/// Secret, then one in tls.crt, then the one valid longest, then the smaller thumbprint: the same certificates give the same chain in
/// any order.
/// </summary>
internal static class ChainBuilder
{
    /// <summary>Certificates of one name that are tried as the issuer of another.</summary>
    private const int MaximumIssuersOfOneName = 8;

    /// <summary>Certificates whose issuers are searched for: a bound on the signatures to verify for a tenant's Secret.</summary>
    private const int MaximumVisited = 32;

    private static readonly Comparer<ChainCertificate> Preference = Comparer<ChainCertificate>.Create(static (left, right) =>
    {
        var order = right.IsFromLeafEntry.CompareTo(left.IsFromLeafEntry);
        order = order != 0 ? order : right.NotAfter.CompareTo(left.NotAfter);
        return order != 0 ? order : string.CompareOrdinal(left.Thumbprint, right.Thumbprint);
    });

    /// <summary>Finds the certificate in tls.crt that the key belongs to.</summary>
    /// <exception cref="CertificateFormatException">There is none.</exception>
    public static ChainCertificate FindLeaf(IEnumerable<ChainCertificate> candidates, AsymmetricAlgorithm key, List<string> warnings)
    {
        var publicKey = new PublicKey(key);
        var fromLeafEntry = candidates.Where(static certificate => certificate.IsFromLeafEntry).ToArray();
        // A key reused on renewal, or a self-signed placeholder, leaves several; the newest by the issuer is the leaf.
        var matching = fromLeafEntry
            .Where(certificate => IsSame(certificate.Certificate.PublicKey, publicKey))
            .OrderBy(static certificate => certificate.IsSelfIssued)
            .ThenByDescending(static certificate => certificate.NotBefore)
            .ThenByDescending(static certificate => certificate.NotAfter)
            .ThenBy(static certificate => certificate.Thumbprint, StringComparer.Ordinal)
            .ToArray();
        if (matching.Length > 1)
        {
            warnings.Add($"tls.crt contains {matching.Length} certificates for the key; the one valid until {matching[0].NotAfter:yyyy-MM-dd} is used.");
        }

        return matching.FirstOrDefault() ?? throw new CertificateFormatException(
            $"tls.key matches none of the {fromLeafEntry.Length} certificate(s) in tls.crt (the first is {fromLeafEntry[0].SubjectText}): reissue the certificate, so that both come from one request.");
    }

    /// <param name="candidates">All certificates of the Secret, including the leaf, without duplicates.</param>
    /// <exception cref="CertificateFormatException">The chain is longer than any real one.</exception>
    public static CertificateChain Build(ChainCertificate leaf, IReadOnlyCollection<ChainCertificate> candidates)
    {
        var issuers = new Dictionary<ChainCertificate, ChainCertificate[]>();
        var predecessors = new Dictionary<ChainCertificate, ChainCertificate?> { [leaf] = null };
        ChainCertificate? root = null;
        // Breadth first, preferred issuers first: the first root found ends the preferred one of the shortest paths.
        var queue = new Queue<ChainCertificate>([leaf]);
        while (issuers.Count < MaximumVisited && queue.TryDequeue(out var certificate))
        {
            var isRoot = IsSelfSigned(certificate);
            root ??= isRoot ? certificate : null;
            issuers[certificate] = isRoot ? [] : IssuersOf(certificate, candidates);
            foreach (var issuer in issuers[certificate].Where(issuer => predecessors.TryAdd(issuer, certificate)))
            {
                queue.Enqueue(issuer);
            }
        }

        if (root is null && queue.Count > 0)
        {
            throw new CertificateFormatException($"The chain in tls.crt and ca.crt is longer than {MaximumVisited} certificates: keep only the certificate and its own CAs.");
        }

        var chain = new List<ChainCertificate>();
        for (var certificate = root; certificate is not null; certificate = predecessors[certificate])
        {
            chain.Insert(0, certificate);
        }

        // Without a root, certificates may sign each other in a cycle; each is visited at most once.
        for (var next = root is null ? leaf : null; next is not null; next = issuers.GetValueOrDefault(next, []).Except(chain).FirstOrDefault())
        {
            chain.Add(next);
        }

        var unrelated = candidates.Where(certificate => !issuers.ContainsKey(certificate)).ToArray();
        // A chain may end below its root, which clients have. It has a gap if nothing was found above the leaf, or if CA certificates
        // are left over that it should have led to.
        var hasGap = root is null && (chain.Count == 1 || unrelated.Any(static certificate => certificate.IsAuthority));
        var isNamed = candidates.Any(other => other != chain[^1] && other.IsAuthority && other.Subject.AsSpan().SequenceEqual(chain[^1].Issuer));
        var gap = hasGap
            ? $"The chain ends at {chain[^1].SubjectText}, whose issuer {chain[^1].IssuerText} is in {(isNamed ? "tls.crt or ca.crt only with another key" : "neither tls.crt nor ca.crt")}; clients without it reject the certificate, so add it to the issuer's chain."
            : null;
        return new CertificateChain(chain, root is not null, gap, unrelated);
    }

    /// <summary>RSA has no parameters; some CAs omit the NULL in their place.</summary>
    private static bool IsSame(PublicKey one, PublicKey other) =>
        one.Oid.Value == other.Oid.Value
        && one.EncodedKeyValue.RawData.AsSpan().SequenceEqual(other.EncodedKeyValue.RawData)
        && (one.Oid.Value == Oids.Rsa || one.EncodedParameters?.RawData.AsSpan().SequenceEqual(other.EncodedParameters?.RawData) == true);

    /// <summary>The certificates that signed another one, in order of preference.</summary>
    private static ChainCertificate[] IssuersOf(ChainCertificate certificate, IReadOnlyCollection<ChainCertificate> candidates) =>
    [
        .. candidates
            .Where(other => other != certificate && other.IsAuthority && other.Subject.AsSpan().SequenceEqual(certificate.Issuer))
            .OrderBy(other => KeyIdentifiersDiffer(certificate, other))
            .ThenBy(static other => other, Preference)
            .Take(MaximumIssuersOfOneName)
            .Where(other => IsIssuedBy(other, certificate))
            .Order(Preference),
    ];

    /// <summary>Equal names alone do not make a root: a CA that changes its key signs the new one under the same name.</summary>
    private static bool IsSelfSigned(ChainCertificate certificate) => certificate.IsSelfIssued && IsIssuedBy(certificate, certificate);

    private static bool IsIssuedBy(ChainCertificate issuer, ChainCertificate certificate) =>
        certificate.IsSignedBy(issuer) ?? !KeyIdentifiersDiffer(certificate, issuer);

    /// <summary>Both are present and differ: a hint, not proof (RFC 5280 §4.2.1.1).</summary>
    private static bool KeyIdentifiersDiffer(ChainCertificate certificate, ChainCertificate issuer) =>
        !certificate.AuthorityKeyIdentifier.IsEmpty && !issuer.SubjectKeyIdentifier.IsEmpty
        && !certificate.AuthorityKeyIdentifier.Span.SequenceEqual(issuer.SubjectKeyIdentifier.Span);
}

/// <summary>The candidate certificates, ordered.</summary>
/// <param name="Certificates">The chain, leaf first, each followed by its issuer; its root last if the Secret has it.</param>
/// <param name="HasRoot">The last one is self-signed.</param>
/// <param name="Gap">The issuer that is missing although clients will not have it, one sentence; null if there is none.</param>
/// <param name="Unrelated">Certificates that no path from the leaf reaches.</param>
internal sealed record CertificateChain(
    IReadOnlyList<ChainCertificate> Certificates, bool HasRoot, string? Gap, IReadOnlyList<ChainCertificate> Unrelated);
