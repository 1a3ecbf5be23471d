using Microsoft.Net.Http.Headers;

namespace ClusterTrust.Sandbox.Pages;

/// <summary>
/// Serves the default branches of repositories as GitHub Pages does: <c>OWNER.github.io/REPOSITORY</c> and user sites, Jekyll's rule
/// for dot-folders, GitHub's content types, <c>max-age=600</c> and the time of the push.
/// </summary>
public sealed class PagesServer(CertificateAuthority authority, TimeProvider? clock = null) : SandboxServer(authority, "*.github.io")
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, PagesSite> _sites = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Publishes a repository's default branch.</summary>
    /// <param name="name"><c>owner/repository</c>; <c>owner/owner.github.io</c> makes the owner's user site.</param>
    public void AddSite(string name, GitRepository repository)
    {
        var (owner, project) = (name.Split('/')[0], name.Split('/')[1]);
        var host = $"{owner}.github.io";
        _sites[project.Equals(host, StringComparison.OrdinalIgnoreCase) ? host : $"{host}/{project}"] = new PagesSite(repository, _clock);
    }

    /// <summary>The repository of a project site or a user site: <c>https://OWNER.github.io/REPOSITORY</c>, <c>https://OWNER.github.io</c>.</summary>
    internal static string RepositoryOf(string issuerUrl)
    {
        const string Domain = ".github.io";
        if (!Uri.TryCreate(issuerUrl, UriKind.Absolute, out var issuer)
            || issuer.Scheme != Uri.UriSchemeHttps || !issuer.Host.EndsWith(Domain, StringComparison.Ordinal) || !issuer.IsDefaultPort)
        {
            throw new InvalidOperationException(
                $"The cluster's issuer is {issuerUrl}, which GitHub Pages cannot serve: start its API server with --service-account-issuer=https://OWNER.github.io/REPOSITORY "
                + "and --service-account-jwks-uri=https://OWNER.github.io/REPOSITORY/openid/v1/jwks.");
        }

        var first = issuer.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? issuer.Host;
        return $"{issuer.Host[..^Domain.Length]}/{first}";
    }

    protected override void AddHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Server = "GitHub.com";
        headers.AccessControlAllowOrigin = "*";
        headers.Age = "0";
        headers.Vary = "Accept-Encoding";
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        var (site, below) = Find(context.Request.Host.Host, context.Request.Path.Value ?? "/");
        var name = below.EndsWith('/') ? $"{below[1..]}index.html" : below.TrimStart('/');
        if (site is null || await site.PublishAsync() is not { } published || !published.Files.TryGetValue(name, out var blob))
        {
            await context.TextAsync("<!DOCTYPE html>\n<html><head><title>Page not found &middot; GitHub Pages</title></head></html>\n", 404, "text/html; charset=utf-8");
            return;
        }

        // The ten minutes nobody can change.
        context.Response.Headers.CacheControl = "max-age=600";
        context.Response.Headers.LastModified = HeaderUtilities.FormatDate(published.At);
        await context.BytesAsync(await site.Repository.ReadBlobAsync(blob), ContentTypeOf(name));
    }

    private (PagesSite? Site, string Below) Find(string host, string path)
    {
        var first = path.Split('/', 3)[1];
        return _sites.TryGetValue($"{host}/{first}", out var project) ? (project, path[(first.Length + 1)..]) : (_sites.GetValueOrDefault(host), path);
    }

    /// <summary>The types that GitHub gives by extension; <c>openid-configuration</c> and <c>jwks</c> have none.</summary>
    private static string ContentTypeOf(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".json" => "application/json; charset=utf-8",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}

/// <summary>One published repository.</summary>
internal sealed class PagesSite(GitRepository repository, TimeProvider clock)
{
    private volatile Publication? _published;

    public GitRepository Repository => repository;

    /// <summary>The files of the branch's tip, after the rules of GitHub Pages' build; null when there is no branch.</summary>
    public async Task<Publication?> PublishAsync()
    {
        var tip = repository.Tip(GitRepository.DefaultBranch);
        if (tip is null || _published?.Commit == tip)
        {
            return tip is null ? null : _published;
        }

        // The push's time is that of the branch's file; by another clock than the system's, it is the time of the first request after it.
        var branch = new FileInfo(Path.Combine(repository.Path, "refs", "heads", GitRepository.DefaultBranch));
        var time = clock == TimeProvider.System && branch.Exists ? branch.LastWriteTimeUtc : clock.GetUtcNow();
        var tree = await repository.TreeAsync(tip);
        var asIs = tree.Any(static entry => entry.Path == ".nojekyll");
        var files = tree.Where(entry => entry.Mode is "100644" or "100755" && (asIs || !entry.Path.Split('/').Any(IsDroppedByJekyll)));

        // Two first requests may both load the tree; they load the same.
        return _published = new Publication(tip, time, files.ToDictionary(static entry => entry.Path, static entry => entry.Sha, StringComparer.Ordinal));
    }

    // Jekyll's EntryFilter: special names are left out unless a configuration includes them, and the branch build has none.
    private static bool IsDroppedByJekyll(string name) => name[0] is '.' or '_' or '#' || name[^1] == '~';
}

internal sealed record Publication(string Commit, DateTimeOffset At, IReadOnlyDictionary<string, string> Files);
