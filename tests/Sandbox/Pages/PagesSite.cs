using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Sandbox.Pages;

/// <summary>One published site: a repository's branch, under its owner's host or a domain of its own.</summary>
public sealed class PagesSite
{
    private readonly Lock gate = new();
    private readonly List<(string Commit, DateTimeOffset Due)> pending = [];
    private string? noticed;
    private (string Commit, DateTimeOffset At)? current;
    private volatile PublishedTree? published;

    internal PagesSite(GitRepository repository, string name, string branch, string? customDomain)
    {
        (Repository, Name, Branch, CustomDomain) = (repository, name, branch, customDomain);
        var (owner, project) = (name.Split('/')[0], name.Split('/')[1]);
        Host = $"{owner}.github.io".ToLowerInvariant();
        IsUserSite = project.Equals(Host, StringComparison.OrdinalIgnoreCase);
        BasePath = IsUserSite ? "" : $"/{project}";
    }

    public GitRepository Repository { get; }

    /// <summary><c>owner/repository</c>.</summary>
    public string Name { get; }

    public string Branch { get; }

    /// <summary>The domain that the site is served from instead; requests to github.io are led there.</summary>
    public string? CustomDomain { get; }

    /// <summary><c>owner.github.io</c></summary>
    public string Host { get; }

    /// <summary>Whether the repository is <c>owner/owner.github.io</c>, served at its host's root.</summary>
    public bool IsUserSite { get; }

    /// <summary>The site's path on <see cref="Host"/>: <c>/repository</c>, or empty for a user site.</summary>
    public string BasePath { get; }

    /// <summary>The site's URL without a trailing slash: the issuer that it can serve.</summary>
    public string Url => CustomDomain is null ? $"https://{Host}{BasePath}" : $"https://{CustomDomain}";

    /// <summary>How long a commit takes from the push until it is visible.</summary>
    public TimeSpan PublishDelay { get; set; }

    /// <summary>The commit that is visible, as of the last request or <see cref="Notice"/>; null before the first.</summary>
    public string? PublishedCommit => Current?.Commit;

    private (string Commit, DateTimeOffset At)? Current
    {
        get
        {
            lock (gate)
            {
                return current;
            }
        }
    }

    /// <summary>Looks at the branch: a commit not seen before becomes visible one <see cref="PublishDelay"/> after its push.</summary>
    /// <param name="clock">The time. With a clock other than the system's the push counts from this call, and a test that moves the clock calls it first.</param>
    public void Notice(TimeProvider clock)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (Repository.Tip(Branch) is { } tip && tip != noticed)
            {
                noticed = tip;
                pending.Add((tip, (clock == TimeProvider.System ? PushedAt() ?? now : now) + PublishDelay));
            }

            while (pending.Count > 0 && pending[0].Due <= now)
            {
                current = pending[0];
                pending.RemoveAt(0);
            }
        }
    }

    /// <summary>Makes the branch's tip visible at once.</summary>
    public void PublishNow(TimeProvider clock)
    {
        Notice(clock);
        lock (gate)
        {
            if (pending.Count > 0)
            {
                current = (pending[^1].Commit, clock.GetUtcNow());
                pending.Clear();
            }
        }
    }

    /// <summary>What is visible now, or null when nothing is yet.</summary>
    internal async Task<PublishedTree?> VisibleAsync(TimeProvider clock, CancellationToken cancellation)
    {
        Notice(clock);
        if (Current is not { } visible)
        {
            return null;
        }

        // Two first requests may both load the tree; they load the same.
        return published is { } tree && tree.Commit == visible.Commit
            ? tree
            : published = await PublishedTree.LoadAsync(Repository, visible.Commit, visible.At, cancellation);
    }

    // The branch's file is replaced by every push: its time is the push's.
    private DateTimeOffset? PushedAt()
    {
        var file = new FileInfo(Path.Combine(Repository.Path, "refs", "heads", Branch));
        return file.Exists ? file.LastWriteTimeUtc : null;
    }
}
