namespace ClusterTrust.Oidc.Site;

/// <summary>What a run would change in the repository, and why. Pure: the same input gives the same plan.</summary>
/// <param name="Discovery">The discovery document as it will be published.</param>
/// <param name="Retention">The key set as it will be published, against which a token of this cluster must verify, and how it differs from the published one.</param>
/// <param name="Files">The files to write; every other file of the repository stays as it is.</param>
/// <param name="CommitBody">The commit message's body: which keys change and why. Lines end in a line feed.</param>
internal sealed record SitePlan(
    DiscoveryDocument Discovery,
    bool ChangesDiscovery,
    KeyRetention Retention,
    IReadOnlyList<SiteFile> Files,
    IReadOnlyList<string> Warnings,
    string CommitSubject,
    string CommitBody)
{
    public bool IsEmpty => Files.Count == 0;

    /// <summary>Compares what is published with what should be.</summary>
    /// <exception cref="JobException">A person must decide first (exit code 3), or an option is invalid (exit code 2).</exception>
    public static SitePlan Between(
        PublishedSite current, CheckedIssuer issuer, SiteLayout layout, SitePlanOptions options, DateTimeOffset now)
    {
        var published = PublishedDocuments.Read(current, layout);
        var accepted = new List<string>();
        foreach (var (message, isFinal) in SiteGuard.RefusalsOf(current, published, issuer, layout, options))
        {
            Accept(new JobException(message, ExitCode.Refused), isFinal);
        }

        var isSealed = options.Seal is null || published.State?.IsSealedBy(options.Seal, issuer.Issuer) == true;
        var retention = KeyRetention.Decide(
            published.Keys ?? new JsonWebKeySet([]), issuer.Keys, published.State ?? PublishedState.Empty, isSealed, options, now);
        if (retention.Unknown.Count > 0)
        {
            Accept(new UnknownKeysException(layout.JwksPath, retention.Unknown));
        }

        if (options.AcceptNewKeys && accepted.Count == 0)
        {
            accepted.Add("--accept-new-keys is set, and nothing requires it: remove it, because it also accepts what someone else adds to the repository.");
        }

        var discovery = issuer.Discovery with
        {
            // A retained key may sign with an algorithm the API server no longer lists.
            SigningAlgorithms = [.. issuer.Discovery.SigningAlgorithms.Union(retention.Keys.Keys.Select(key => key.Alg).Where(alg => alg.Length > 0))],
        };
        SiteFile[] files = [.. FilesToWrite(current, published, layout, discovery, retention, isSealed, options)];
        SiteGuard.RequireReadable(files, layout);
        return new SitePlan(
            discovery,
            !discovery.Equals(published.Discovery),
            retention,
            files,
            [.. accepted, .. SiteWarnings.Of(current, published, layout, retention, isSealed, options)],
            CommitText.Subject(issuer.Issuer, retention),
            CommitText.Body(retention, published.State, options));

        void Accept(JobException refusal, bool isFinal = false) =>
            accepted.Add(options.AcceptNewKeys && !isFinal ? $"Accepted by --accept-new-keys: {refusal.Message}" : throw refusal);
    }

    private static IEnumerable<SiteFile> FilesToWrite(
        PublishedSite current,
        PublishedDocuments published,
        SiteLayout layout,
        DiscoveryDocument discovery,
        KeyRetention retention,
        bool isSealed,
        SitePlanOptions options)
    {
        var keysChange = !retention.Keys.Equals(published.Keys) || !retention.State.Equals(published.State);
        if (!discovery.Equals(published.Discovery))
        {
            yield return new SiteFile(layout.DiscoveryPath, CanonicalJson.Write(discovery));
        }

        if (!retention.Keys.Equals(published.Keys) || published.Entries is { IsAsPublished: false })
        {
            yield return new SiteFile(layout.JwksPath, CanonicalJson.Write(retention.Keys));
        }

        if (!retention.State.Equals(published.State) || !isSealed)
        {
            yield return new SiteFile(layout.StatePath, retention.State.Write(layout.Issuer, options.Seal));
        }

        if (current.Find(SiteLayout.NoJekyllPath) is null && !current.IsKeptByJekyll)
        {
            yield return new SiteFile(SiteLayout.NoJekyllPath, ReadOnlyMemory<byte>.Empty);
        }

        // Only together with the keys: a change of wording in a new release does not justify a commit. Jekyll may generate the page from another file.
        if (options.StatusPage && (current.Find(layout.StatusPagePath) is { } page ? keysChange && StatusPage.IsOurs(page) : !current.IsKeptByJekyll))
        {
            yield return new SiteFile(layout.StatusPagePath, StatusPage.Write(layout.Issuer, retention.Keys, retention.State));
        }
    }
}

/// <summary>The decisions about a plan that are settings.</summary>
internal sealed record SitePlanOptions
{
    /// <summary>How long a key that the API servers no longer serve stays published. Zero mirrors the API servers exactly.</summary>
    public TimeSpan RetainRemovedKeys { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Publish despite the refusals of <see cref="SiteGuard"/> that are not final and unknown keys.</summary>
    public bool AcceptNewKeys { get; init; }

    public IReadOnlyCollection<string> DropKeys { get; init; } = [];

    /// <summary>Seals the state file and detects changes by others; null trusts any plausible state.</summary>
    public StateSeal? Seal { get; init; }

    public bool StatusPage { get; init; } = true;
}
