namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Orders the certificates of a Secret into the leaf's chain. Among cross-signed issuers it prefers the shortest path to a root in the
/// Secret, then one in tls.crt, then the one valid longest, then the smaller thumbprint: the same certificates give the same chain in
/// any order.
/// </summary>
internal sealed class ChainBuilder
{
    /// <summary>Certificates of one name that are tried as the issuer of another.</summary>
    private const int MaximumIssuersOfOneName = 8;

    private const int Unreachable = int.MaxValue;

    private readonly IReadOnlyCollection<ChainCertificate> _candidates;
    private readonly Dictionary<ChainCertificate, ChainCertificate[]> _issuers = [];
    private readonly Dictionary<ChainCertificate, int> _stepsToRoot = [];
    private readonly HashSet<ChainCertificate> _roots = [];

    private ChainBuilder(IReadOnlyCollection<ChainCertificate> candidates) => _candidates = candidates;

    /// <param name="leaf">The first certificate of the chain.</param>
    /// <param name="candidates">All certificates of the Secret, the leaf among them, none twice.</param>
    public static CertificateChain Build(ChainCertificate leaf, IReadOnlyCollection<ChainCertificate> candidates)
    {
        var builder = new ChainBuilder(candidates);
        builder.Explore(leaf);
        builder.MeasureStepsToRoot();
        return builder.Walk(leaf);
    }

    /// <summary>Finds the issuers of every certificate that the leaf leads to.</summary>
    private void Explore(ChainCertificate leaf)
    {
        var open = new Queue<ChainCertificate>([leaf]);
        while (open.TryDequeue(out var certificate))
        {
            if (_issuers.TryAdd(certificate, []))
            {
                if (SignedItself(certificate))
                {
                    _roots.Add(certificate);
                    continue;
                }

                _issuers[certificate] = IssuersOf(certificate);
                foreach (var issuer in _issuers[certificate])
                {
                    open.Enqueue(issuer);
                }
            }
        }
    }

    private ChainCertificate[] IssuersOf(ChainCertificate certificate) =>
    [
        .. _candidates
            .Where(other => other != certificate && other.IsAuthority && other.Subject.AsSpan().SequenceEqual(certificate.Issuer))
            .OrderBy(other => KeyIdentifiersDiffer(certificate, other))
            .ThenBy(other => other, Preference)
            .Take(MaximumIssuersOfOneName)
            .Where(other => IsIssuedBy(other, certificate)),
    ];

    /// <summary>Counts the steps from each certificate to the nearest root, from the roots outwards.</summary>
    private void MeasureStepsToRoot()
    {
        foreach (var certificate in _issuers.Keys)
        {
            _stepsToRoot[certificate] = _roots.Contains(certificate) ? 0 : Unreachable;
        }

        var isMoving = true;
        while (isMoving)
        {
            isMoving = false;
            foreach (var (certificate, above) in _issuers)
            {
                var nearest = above.Length == 0 ? Unreachable : above.Min(issuer => _stepsToRoot[issuer]);
                if (nearest != Unreachable && nearest + 1 < _stepsToRoot[certificate])
                {
                    _stepsToRoot[certificate] = nearest + 1;
                    isMoving = true;
                }
            }
        }
    }

    private CertificateChain Walk(ChainCertificate leaf)
    {
        var chain = new List<ChainCertificate> { leaf };
        // Certificates that sign each other in a cycle never lead to a root; each is visited at most once.
        while (_issuers[chain[^1]].Except(chain).OrderBy(issuer => _stepsToRoot[issuer]).ThenBy(issuer => issuer, Preference).FirstOrDefault() is { } next)
        {
            chain.Add(next);
        }

        var unrelated = _candidates.Where(certificate => !_issuers.ContainsKey(certificate)).ToArray();
        var hasRoot = _roots.Contains(chain[^1]);
        // A chain may end below its root, which clients have. It has a gap if nothing was found above the leaf, or if CA certificates
        // are left over that it should have led to.
        var hasGap = !hasRoot && (chain.Count == 1 || unrelated.Any(certificate => certificate.IsAuthority));
        var gap = hasGap
            ? $"The chain ends at {chain[^1].SubjectText}, whose issuer {chain[^1].IssuerText} is in neither tls.crt nor ca.crt; clients without it reject the certificate, so add it to the issuer's chain."
            : null;
        return new CertificateChain(chain, hasRoot, gap, unrelated);
    }

    private static Comparer<ChainCertificate> Preference { get; } = Comparer<ChainCertificate>.Create((left, right) =>
    {
        var order = right.IsFromLeafEntry.CompareTo(left.IsFromLeafEntry);
        order = order != 0 ? order : right.NotAfter.CompareTo(left.NotAfter);
        return order != 0 ? order : string.CompareOrdinal(left.Thumbprint, right.Thumbprint);
    });

    /// <summary>Equal names alone do not make a root: a CA that changes its key signs the new one under the same name.</summary>
    private static bool SignedItself(ChainCertificate certificate) => certificate.IsSelfIssued && IsIssuedBy(certificate, certificate);

    private static bool IsIssuedBy(ChainCertificate issuer, ChainCertificate certificate) =>
        certificate.IsSignedBy(issuer) ?? !KeyIdentifiersDiffer(certificate, issuer);

    /// <summary>Both are present and differ: a hint, no proof (RFC 5280 §4.2.1.1).</summary>
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
