using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ClusterTrust.Sandbox.Pages;

/// <summary>
/// Serves branches of repositories as GitHub Pages does: <c>OWNER.github.io/REPOSITORY</c>, user sites and custom domains,
/// Jekyll's rule for dot-folders, GitHub's content types, <c>max-age=600</c>, validators, a publish delay, and a CDN that may
/// hold what is stale. Markdown is not rendered.
/// </summary>
public sealed class PagesServer : SandboxServer
{
    // Ten minutes, for everything; GitHub lets nobody change it.
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(600);

    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, PagesSite> sites = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, (PagesAnswer Answer, DateTimeOffset At)> cache = new(StringComparer.Ordinal);

    /// <param name="authority">Issues the certificate, for <c>*.github.io</c> and the custom domains.</param>
    /// <param name="clock">The time of publish delays and of the CDN's cache; the system's when null.</param>
    /// <param name="customDomains">The domains that sites may be served from.</param>
    public PagesServer(CertificateAuthority authority, TimeProvider? clock = null, params string[] customDomains)
        : base(authority, ["*.github.io", .. customDomains]) => this.clock = clock ?? TimeProvider.System;

    /// <summary>Whether a CDN stands in front: an answer 200 is then given again, however stale, until it is ten minutes old. Off at first.</summary>
    public bool CdnCache { get; set; }

    /// <summary>The sites served.</summary>
    public IReadOnlyCollection<PagesSite> Sites => [.. sites.Values];

    /// <summary>Publishes a branch.</summary>
    /// <param name="name"><c>owner/repository</c>; <c>owner/owner.github.io</c> makes the owner's user site.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="branch">The branch; the repository's default branch when null.</param>
    /// <param name="customDomain">One of the constructor's domains, to serve the site from at its root.</param>
    public PagesSite AddSite(string name, GitRepository repository, string? branch = null, string? customDomain = null) =>
        sites[name] = new PagesSite(repository, name, branch ?? repository.DefaultBranch, customDomain);

    /// <summary>Unpublishes a site.</summary>
    public void RemoveSite(string name) => sites.TryRemove(name, out _);

    /// <summary>Empties the CDN's cache, as GitHub mostly does after it has published.</summary>
    public void PurgeCache() => cache.Clear();

    protected override async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var (answer, age, hit) = await CachedAsync(request.Host.Host, request.Path.Value ?? "/", context.RequestAborted);
        var headers = context.Response.Headers;
        headers.Server = "GitHub.com";
        headers.AccessControlAllowOrigin = "*";
        headers.Via = "1.1 varnish";
        headers.Age = ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        headers["X-Cache"] = hit ? "HIT" : "MISS";
        headers.Vary = "Accept-Encoding";
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        if (answer.Location is { } location)
        {
            headers.Location = location;
        }

        if (answer.ETag is { } tag)
        {
            headers.CacheControl = $"max-age={(int)MaxAge.TotalSeconds}";
            headers.ETag = tag;
            headers.LastModified = HeaderUtilities.FormatDate(answer.LastModified!.Value);
            if (IsUnchanged(request, answer))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                context.Response.ContentType = null;
                return;
            }
        }

        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body);
    }

    private async Task<(PagesAnswer Answer, TimeSpan Age, bool Hit)> CachedAsync(string host, string path, CancellationToken cancellation)
    {
        var key = $"{host.ToLowerInvariant()}{path}";
        var now = clock.GetUtcNow();
        if (CdnCache && cache.TryGetValue(key, out var kept) && now - kept.At < MaxAge)
        {
            return (kept.Answer, now - kept.At, true);
        }

        var answer = await OriginAsync(host, path, cancellation);
        if (answer.Status == StatusCodes.Status200OK)
        {
            cache[key] = (answer, now);
        }

        return (answer, TimeSpan.Zero, false);
    }

    private async Task<PagesAnswer> OriginAsync(string host, string path, CancellationToken cancellation)
    {
        if (FindSite(host, path) is not { } site)
        {
            return NotFound("Site not found", "There isn't a GitHub Pages site here.");
        }

        var onCustomDomain = host.Equals(site.CustomDomain, StringComparison.OrdinalIgnoreCase);
        var below = onCustomDomain ? path : path[site.BasePath.Length..];
        if (site.CustomDomain is not null && !onCustomDomain)
        {
            return Moved($"https://{site.CustomDomain}{below}");
        }

        if (await site.VisibleAsync(clock, cancellation) is not { } tree)
        {
            return NotFound("Site not found", "There isn't a GitHub Pages site here.");
        }

        if (below.Length == 0)
        {
            return Moved($"{site.Url}/");
        }

        var wanted = below[1..];
        var file = wanted.Length == 0 || wanted[^1] == '/'
            ? tree.Find($"{wanted}index.html")
            : tree.Find(wanted) ?? tree.Find($"{wanted}.html");
        if (file is not null)
        {
            return await FileAsync(tree, file, 200, cancellation);
        }

        if (tree.HasFolder(wanted))
        {
            return Moved($"{site.Url}{below}/");
        }

        return tree.Find("404.html") is { } page
            ? await FileAsync(tree, page, 404, cancellation)
            : NotFound("Page not found", "The site configured at this address does not contain the requested file.");
    }

    private PagesSite? FindSite(string host, string path)
    {
        var first = path.Split('/', 3) is [_, var name, ..] ? $"/{name}" : "";
        return sites.Values.FirstOrDefault(site => host.Equals(site.CustomDomain, StringComparison.OrdinalIgnoreCase))
            ?? sites.Values.FirstOrDefault(site => OnHost(site) && !site.IsUserSite && site.BasePath.Equals(first, StringComparison.OrdinalIgnoreCase))
            ?? sites.Values.FirstOrDefault(site => OnHost(site) && site.IsUserSite);

        bool OnHost(PagesSite site) => host.Equals(site.Host, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<PagesAnswer> FileAsync(PublishedTree tree, GitTreeEntry file, int status, CancellationToken cancellation)
    {
        var body = await tree.ReadAsync(file, cancellation);
        var type = PagesContentTypes.Of(file.Path);

        // GitHub's tag is time and length; the blob's id keeps two publications within one second apart.
        return status == 200
            ? new PagesAnswer(status, type, body, $"\"{tree.PublishedAt.ToUnixTimeSeconds():x}-{file.Sha[..8]}\"", tree.PublishedAt)
            : new PagesAnswer(status, type, body);
    }

    private static PagesAnswer Moved(string location) =>
        new(301, "text/html", Encoding.UTF8.GetBytes("<html><head><title>301 Moved Permanently</title></head></html>\n"), Location: location);

    private static PagesAnswer NotFound(string title, string text) => new(
        404, "text/html; charset=utf-8", Encoding.UTF8.GetBytes($"<!DOCTYPE html>\n<html><head><title>{title} &middot; GitHub Pages</title></head><body><h1>404</h1><p>{text}</p></body></html>\n"));

    private static bool IsUnchanged(HttpRequest request, PagesAnswer answer)
    {
        var known = request.Headers.IfNoneMatch;
        if (known.Count > 0)
        {
            return known.SelectMany(static value => (value ?? "").Split(',')).Any(value => value.Trim() is var tag && (tag == "*" || tag.Replace("W/", "", StringComparison.Ordinal) == answer.ETag));
        }

        // HTTP dates have whole seconds.
        return request.GetTypedHeaders().IfModifiedSince is { } since && answer.LastModified!.Value.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }
}
