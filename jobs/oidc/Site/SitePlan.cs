using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>What a run would change in the repository, and why. Pure: the same input gives the same plan.</summary>
public sealed record SitePlan
{
    private const int MostFaults = 5;

    private SitePlan(DiscoveryDocument discovery, JsonWebKeySet keys) => (Discovery, Keys) = (discovery, keys);

    /// <summary>The discovery document as it will be published.</summary>
    public DiscoveryDocument Discovery { get; }

    /// <summary>The key set as it will be published; a token of this cluster must verify against it.</summary>
    public JsonWebKeySet Keys { get; }

    /// <summary>The files to write; every other file of the repository stays as it is.</summary>
    public required IReadOnlyList<SiteFile> Files { get; init; }

    /// <summary>Kids that were not published.</summary>
    public required IReadOnlyList<string> KeysAdded { get; init; }

    /// <summary>Kids that were published and no longer are.</summary>
    public required IReadOnlyList<string> KeysRemoved { get; init; }

    /// <summary>Kids that no API server serves, published until their retention is over.</summary>
    public required IReadOnlyList<string> KeysRetained { get; init; }

    /// <summary>Kids that were published and are served.</summary>
    public required IReadOnlyList<string> KeysKept { get; init; }

    /// <summary>What a person should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The commit message's first line.</summary>
    public required string CommitSubject { get; init; }

    /// <summary>The commit message's body: which keys change and why. Lines end in a line feed.</summary>
    public required string CommitBody { get; init; }

    /// <summary>Whether the discovery document is written.</summary>
    public required bool ChangesDiscovery { get; init; }

    /// <summary>Whether there is nothing to commit.</summary>
    public bool IsEmpty => Files.Count == 0;

    /// <summary>Compares what is published with what should be.</summary>
    /// <param name="current">What the repository holds now.</param>
    /// <param name="issuer">What the API servers serve, checked.</param>
    /// <param name="layout">Where the files lie; for the same issuer.</param>
    /// <param name="options">What a person decided.</param>
    /// <param name="now">The time of the run.</param>
    /// <exception cref="JobException">A person must look first (exit code 3), or an option is wrong (exit code 2).</exception>
    public static SitePlan Between(
        PublishedSite current, CheckedIssuer issuer, SiteLayout layout, SitePlanOptions options, DateTimeOffset now)
    {
        if (layout.Issuer != issuer.Issuer)
        {
            throw new ArgumentException("The layout is for another issuer.", nameof(layout));
        }

        SiteGuard.RequireRegularFiles(current, layout);
        var published = PublishedDocuments.Read(current, layout);
        if (!options.AcceptNewKeys)
        {
            SiteGuard.RequireSameCluster(published, issuer, layout);
        }

        SiteGuard.RequireDroppable(options.DropKeys, issuer.Keys);
        var isSealed = options.Seal is null || published.State?.IsSealedBy(options.Seal, issuer.Issuer) == true;
        var retention = KeyRetention.Decide(
            published.Keys ?? new JsonWebKeySet([]), issuer.Keys, published.State ?? PublishedState.Empty, isSealed, options, now);
        if (retention.Unknown.Count > 0 && !options.AcceptNewKeys)
        {
            throw UnknownKeysException.For(layout.JwksPath, retention.Unknown);
        }

        var discovery = issuer.Discovery with
        {
            // A retained key may sign with an algorithm the API server no longer lists.
            SigningAlgorithms = [.. issuer.Discovery.SigningAlgorithms.Union(retention.Keys.Keys.Select(key => key.Alg).Where(alg => alg.Length > 0))],
        };
        return new SitePlan(discovery, retention.Keys)
        {
            Files = [.. FilesToWrite(current, published, layout, discovery, retention, isSealed, options)],
            ChangesDiscovery = !discovery.Equals(published.Discovery),
            KeysAdded = retention.Added,
            KeysRemoved = retention.Removed,
            KeysRetained = retention.Retained,
            KeysKept = retention.Kept,
            Warnings = [.. WarningsOf(current, published, layout, retention)],
            CommitSubject = CommitText.Subject(issuer.Issuer, retention),
            CommitBody = CommitText.Body(retention, published.State, options),
        };
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

        if (!retention.Keys.Equals(published.Keys) || published.KeyFaults.Count > 0)
        {
            yield return new SiteFile(layout.JwksPath, CanonicalJson.Write(retention.Keys));
        }

        if (!retention.State.Equals(published.State) || !isSealed)
        {
            yield return new SiteFile(layout.StatePath, retention.State.Write(layout.Issuer, options.Seal));
        }

        if (current.Find(SiteLayout.NoJekyllPath) is null)
        {
            yield return new SiteFile(SiteLayout.NoJekyllPath, ReadOnlyMemory<byte>.Empty);
        }

        // Only together with the keys: a page whose wording a new release changed is not worth a commit.
        if (options.StatusPage && (current.Find(layout.StatusPagePath) is not { } page || (keysChange && StatusPage.IsOurs(page))))
        {
            yield return new SiteFile(layout.StatusPagePath, StatusPage.Write(layout.Issuer, retention.Keys, retention.State));
        }
    }

    private static IEnumerable<string> WarningsOf(PublishedSite current, PublishedDocuments published, SiteLayout layout, KeyRetention retention)
    {
        if (CustomDomain.WarningOf(current, layout) is { } moved)
        {
            yield return moved;
        }

        foreach (var (path, reason) in published.Unreadable)
        {
            yield return path == layout.StatePath
                ? $"The state file {path} cannot be understood and is written anew; its keys count as first seen now."
                : $"The published {path} cannot be understood and is replaced ({reason.TrimEnd('.')}).";
        }

        foreach (var fault in published.KeyFaults.Take(MostFaults))
        {
            yield return $"{fault.TrimEnd('.')}; this entry is not published any more.";
        }

        if (published.KeyFaults.Count > MostFaults)
        {
            yield return $"{published.KeyFaults.Count - MostFaults} more entries of {layout.JwksPath} are not understood and not published any more.";
        }

        foreach (var kid in retention.PutBack.Take(MostFaults))
        {
            yield return $"The dropped key '{Shown.Of(kid)}' is in {layout.JwksPath} again and is removed: somebody put it back, or the branch was set back to an earlier commit; "
                + "look at who can write to the repository, and protect the branch from force-pushes.";
        }

        if (!published.Unreadable.ContainsKey(layout.StatePath) && published.Keys?.Keys.Any(key => retention.Keys.Contains(key.Kid) && published.State?.Find(key) is null) == true)
        {
            yield return $"The state file {layout.StatePath} is missing, or knows nothing of some published keys; those count as first seen now.";
        }
    }
}
