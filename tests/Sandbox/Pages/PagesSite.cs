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

/// <summary>An answer as the origin gives it and the CDN keeps it.</summary>
/// <param name="Status">200, 301 or 404.</param>
/// <param name="ContentType">The content type.</param>
/// <param name="Body">The body.</param>
/// <param name="ETag">With quotes; null for 301 and 404.</param>
/// <param name="LastModified">When the site was published; null for 301 and 404.</param>
/// <param name="Location">Where a 301 leads.</param>
internal sealed record PagesAnswer(int Status, string ContentType, byte[] Body, string? ETag = null, DateTimeOffset? LastModified = null, string? Location = null);

/// <summary>The content types that GitHub Pages gives by file extension; nobody can set others.</summary>
internal static class PagesContentTypes
{
    private static readonly Dictionary<string, string> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".htm"] = "text/html; charset=utf-8",
        [".json"] = "application/json; charset=utf-8",
        [".map"] = "application/json; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".csv"] = "text/csv; charset=utf-8",
        [".js"] = "application/javascript; charset=utf-8",
        [".mjs"] = "application/javascript; charset=utf-8",
        [".md"] = "text/markdown; charset=utf-8",
        [".yaml"] = "text/yaml; charset=utf-8",
        [".yml"] = "text/yaml; charset=utf-8",
        [".xml"] = "application/xml",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".ico"] = "image/vnd.microsoft.icon",
        [".pdf"] = "application/pdf",
        [".wasm"] = "application/wasm",
        [".woff2"] = "font/woff2",
        [".zip"] = "application/zip",
    };

    /// <summary>The type of a path; <c>application/octet-stream</c> without a known extension, as for <c>openid-configuration</c>.</summary>
    public static string Of(string path) => ByExtension.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream");
}
