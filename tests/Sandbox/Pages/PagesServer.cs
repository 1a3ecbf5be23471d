using System.Collections.Concurrent;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ClusterTrust.Sandbox.Pages;

/// <summary>
/// Serves the default branches of repositories as GitHub Pages does: <c>OWNER.github.io/REPOSITORY</c> and user sites, Jekyll's rule
/// for dot-folders, GitHub's content types, <c>max-age=600</c> and validators.
/// </summary>
/// <param name="clock">The time at which a commit becomes visible; the system's when null.</param>
public sealed class PagesServer(CertificateAuthority authority, TimeProvider? clock = null) : SandboxServer(authority, "*.github.io")
{
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, PagesSite> sites = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Publishes a repository's default branch.</summary>
    /// <param name="name"><c>owner/repository</c>; <c>owner/owner.github.io</c> makes the owner's user site.</param>
    public void AddSite(string name, GitRepository repository)
    {
        var (owner, project) = (name.Split('/')[0], name.Split('/')[1]);
        var host = $"{owner}.github.io";
        sites[project.Equals(host, StringComparison.OrdinalIgnoreCase) ? host : $"{host}/{project}"] = new PagesSite(repository);
    }

    /// <summary>The repository of a project site or a user site: <c>https://OWNER.github.io/REPOSITORY</c>, <c>https://OWNER.github.io</c>.</summary>
    /// <exception cref="InvalidOperationException">Pages does not serve such an issuer.</exception>
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
        var (tree, below) = await FindAsync(request.Host.Host, request.Path.Value ?? "/", context.RequestAborted);
        if (tree?.Find(below) is not { } file)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            response.ContentType = "text/html; charset=utf-8";
            await response.WriteAsync("<!DOCTYPE html>\n<html><head><title>Page not found &middot; GitHub Pages</title></head></html>\n");
            return;
        }

        // GitHub's tag is time and length; the blob's id keeps two publications within one second apart. The ten minutes nobody can change.
        var tag = $"\"{tree.PublishedAt.ToUnixTimeSeconds():x}-{file.Sha[..8]}\"";
        response.Headers.CacheControl = "max-age=600";
        response.Headers.ETag = tag;
        response.Headers.LastModified = HeaderUtilities.FormatDate(tree.PublishedAt);
        if (request.Headers.IfNoneMatch.ToString() == tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = ContentTypeOf(file.Path);
        await response.Body.WriteAsync(await tree.ReadAsync(file, context.RequestAborted));
    }

    private async Task<(PublishedTree? Tree, string Below)> FindAsync(string host, string path, CancellationToken cancellation)
    {
        var first = path.Split('/', 3)[1];
        return sites.TryGetValue($"{host}/{first}", out var project) ? (await project.VisibleAsync(clock, cancellation), path[(first.Length + 1)..])
            : sites.TryGetValue(host, out var user) ? (await user.VisibleAsync(clock, cancellation), path)
            : (null, path);
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
internal sealed class PagesSite(GitRepository repository)
{
    private volatile PublishedTree? published;

    /// <summary>What is visible now, or null when nothing is yet.</summary>
    public async Task<PublishedTree?> VisibleAsync(TimeProvider clock, CancellationToken cancellation)
    {
        if (repository.Tip(repository.DefaultBranch) is not { } tip)
        {
            return null;
        }

        // Two first requests may both load the tree; they load the same.
        return published is { } tree && tree.Commit == tip ? tree : published = await PublishedTree.LoadAsync(repository, tip, PublishedAt(clock), cancellation);
    }

    /// <summary>The push's time, which is that of the branch's file; by another clock than the system's, the time of the first request after it.</summary>
    private DateTimeOffset PublishedAt(TimeProvider clock)
    {
        var file = new FileInfo(Path.Combine(repository.Path, "refs", "heads", repository.DefaultBranch));
        return clock == TimeProvider.System && file.Exists ? file.LastWriteTimeUtc : clock.GetUtcNow();
    }
}
