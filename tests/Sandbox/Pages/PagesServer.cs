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

    protected override async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.Server = "GitHub.com";
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.Age = "0";
        response.Headers.Vary = "Accept-Encoding";
        var (site, below) = Find(request.Host.Host, request.Path.Value ?? "/");
        if (site is null || await site.ReadAsync(below, context.RequestAborted) is not { } page)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            response.ContentType = "text/html; charset=utf-8";
            await response.WriteAsync("<!DOCTYPE html>\n<html><head><title>Page not found &middot; GitHub Pages</title></head></html>\n");
            return;
        }

        // The ten minutes nobody can change.
        response.Headers.CacheControl = "max-age=600";
        response.Headers.LastModified = HeaderUtilities.FormatDate(page.PublishedAt);
        response.ContentType = ContentTypeOf(page.Path);
        await response.Body.WriteAsync(page.Content);
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

/// <summary>One published repository: the files of its branch's tip, after the rules of GitHub Pages' build.</summary>
internal sealed class PagesSite(GitRepository repository, TimeProvider clock)
{
    private volatile Publication? _published;

    /// <summary>The file at a path below the site's root, which begins with a slash; null when there is none.</summary>
    public async Task<Page?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (repository.Tip(GitRepository.DefaultBranch) is not { } tip)
        {
            return null;
        }

        // Two first requests may both load the tree; they load the same.
        var tree = _published is { } known && known.Commit == tip ? known : _published = await LoadAsync(tip, cancellationToken);
        var name = path.EndsWith('/') ? $"{path[1..]}index.html" : path.TrimStart('/');
        return tree.Files.TryGetValue(name, out var blob) ? new Page(name, tree.PublishedAt, await repository.ReadBlobAsync(blob, cancellationToken)) : null;
    }

    private async Task<Publication> LoadAsync(string tip, CancellationToken cancellationToken)
    {
        // The push's time is that of the branch's file; by another clock than the system's, it is the time of the first request after it.
        var branch = new FileInfo(Path.Combine(repository.Path, "refs", "heads", GitRepository.DefaultBranch));
        var time = clock == TimeProvider.System && branch.Exists ? branch.LastWriteTimeUtc : clock.GetUtcNow();
        var tree = await repository.TreeAsync(tip, cancellationToken);
        var asIs = tree.Any(static entry => entry.Path == ".nojekyll");
        var files = tree.Where(entry => entry.Mode is "100644" or "100755" && (asIs || !entry.Path.Split('/').Any(IsDroppedByJekyll)));
        return new Publication(tip, time, files.ToDictionary(static entry => entry.Path, static entry => entry.Sha, StringComparer.Ordinal));
    }

    // Jekyll's EntryFilter: special names are left out unless a configuration includes them, and the branch build has none.
    private static bool IsDroppedByJekyll(string name) => name[0] is '.' or '_' or '#' || name[^1] == '~';

    private sealed record Publication(string Commit, DateTimeOffset PublishedAt, IReadOnlyDictionary<string, string> Files);
}

/// <summary>A file as Pages serves it.</summary>
internal sealed record Page(string Path, DateTimeOffset PublishedAt, byte[] Content);
