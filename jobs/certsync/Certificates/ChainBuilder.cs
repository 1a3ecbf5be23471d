namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Orders the certificates of a Secret into the leaf's chain. Where cross-signed certificates leave a choice, it takes the shortest
/// path to a root among them, then what tls.crt holds, then what is valid longest, then the smaller thumbprint: the same certificates
/// give the same chain in any order.
/// </summary>
internal sealed class ChainBuilder
{
    private const int Unreachable = int.MaxValue;

    private readonly IReadOnlyCollection<ChainCertificate> candidates;
    private readonly Dictionary<ChainCertificate, ChainCertificate[]> issuers = [];
    private readonly Dictionary<ChainCertificate, int> stepsToRoot = [];
    private readonly HashSet<ChainCertificate> roots = [];

    private ChainBuilder(IReadOnlyCollection<ChainCertificate> candidates) => this.candidates = candidates;

    /// <summary>Builds the chain.</summary>
    /// <param name="leaf">Where it starts.</param>
    /// <param name="candidates">All certificates at hand, the leaf among them, none twice.</param>
    public static CertificateChain Build(ChainCertificate leaf, IReadOnlyCollection<ChainCertificate> candidates)
    {
        var builder = new ChainBuilder(candidates);
        builder.Explore(leaf);
        builder.MeasureStepsToRoot();
        return builder.Walk(leaf);
    }

    /// <summary>Finds the issuers of everything the leaf leads to.</summary>
    private void Explore(ChainCertificate leaf)
    {
        var open = new Queue<ChainCertificate>([leaf]);
        while (open.TryDequeue(out var certificate))
        {
            if (issuers.TryAdd(certificate, []))
            {
                if (SignedItself(certificate))
                {
                    roots.Add(certificate);
                    continue;
                }

                issuers[certificate] = IssuersOf(certificate);
                foreach (var issuer in issuers[certificate])
                {
                    open.Enqueue(issuer);
                }
            }
        }
    }

    private ChainCertificate[] IssuersOf(ChainCertificate certificate) =>
    [
        .. candidates
            .Where(other => other != certificate && other.IsAuthority && other.Subject.AsSpan().SequenceEqual(certificate.Issuer))
            .OrderBy(other => KeyIdentifiersDiffer(certificate, other))
            .ThenBy(other => other, Preference)
            .Take(InputLimits.IssuersOfOneName)
            .Where(other => IsIssuedBy(other, certificate)),
    ];

    /// <summary>Counts the steps from each certificate to the nearest root, from the roots outwards.</summary>
    private void MeasureStepsToRoot()
    {
        foreach (var certificate in issuers.Keys)
        {
            stepsToRoot[certificate] = roots.Contains(certificate) ? 0 : Unreachable;
        }

        var isMoving = true;
        while (isMoving)
        {
            isMoving = false;
            foreach (var (certificate, above) in issuers)
            {
                var nearest = above.Length == 0 ? Unreachable : above.Min(issuer => stepsToRoot[issuer]);
                if (nearest != Unreachable && nearest + 1 < stepsToRoot[certificate])
                {
                    stepsToRoot[certificate] = nearest + 1;
                    isMoving = true;
                }
            }
        }
    }

    private CertificateChain Walk(ChainCertificate leaf)
    {
        var chain = new List<ChainCertificate> { leaf };
        // Certificates that sign each other in a circle never lead to a root; each is visited once at most.
        while (issuers[chain[^1]].Except(chain).OrderBy(issuer => stepsToRoot[issuer]).ThenBy(issuer => issuer, Preference).FirstOrDefault() is { } next)
        {
            chain.Add(next);
        }

        var unrelated = candidates.Where(certificate => !issuers.ContainsKey(certificate)).ToArray();
        var hasRoot = roots.Contains(chain[^1]);
        // A chain may well end below its root, which clients have. It has a gap if nothing was found above the leaf, or if there
        // are CA certificates left that it should have led to.
        var hasGap = !hasRoot && (chain.Count == 1 || unrelated.Any(certificate => certificate.IsAuthority));
        return new CertificateChain(chain, hasRoot, hasGap, unrelated);
    }

    private static Comparer<ChainCertificate> Preference { get; } = Comparer<ChainCertificate>.Create((left, right) =>
    {
        var order = right.IsFromLeafEntry.CompareTo(left.IsFromLeafEntry);
        order = order != 0 ? order : right.NotAfter.CompareTo(left.NotAfter);
        return order != 0 ? order : string.CompareOrdinal(left.Thumbprint, right.Thumbprint);
    });

    /// <summary>A name alone does not make a root: a CA that changes its key signs the new one under the same name.</summary>
    private static bool SignedItself(ChainCertificate certificate) => certificate.IsSelfIssued && IsIssuedBy(certificate, certificate);

    private static bool IsIssuedBy(ChainCertificate issuer, ChainCertificate certificate) =>
        CertificateSignature.IsBy(issuer, certificate) ?? !KeyIdentifiersDiffer(certificate, issuer);

    /// <summary>Both are given and are not the same. A hint, no proof (RFC 5280 §4.2.1.1).</summary>
    private static bool KeyIdentifiersDiffer(ChainCertificate certificate, ChainCertificate issuer) =>
        !certificate.AuthorityKeyIdentifier.IsEmpty && !issuer.SubjectKeyIdentifier.IsEmpty
        && !certificate.AuthorityKeyIdentifier.Span.SequenceEqual(issuer.SubjectKeyIdentifier.Span);
}
