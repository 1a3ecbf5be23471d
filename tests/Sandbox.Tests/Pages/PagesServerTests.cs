using System.Net;
using System.Net.Http.Headers;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Pages;

public sealed class PagesServerTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Discovery = "https://octo.github.io/issuer/.well-known/openid-configuration";
    private readonly CertificateAuthority authority = new();
    private readonly ManualClock clock = new();
    private readonly GitRepositories repositories = new();
    private readonly HostRoutes routes = new();
    private GitRepository repository = null!;
    private PagesServer server = null!;
    private PagesSite site = null!;
    private HttpClient http = null!;

    public async Task InitializeAsync()
    {
        repository = await repositories.CreateAsync("octo/issuer");
        server = new PagesServer(authority, clock, "oidc.example.com");
        site = server.AddSite("octo/issuer", repository);
        await server.StartAsync();
        routes.Add("*.github.io", server);
        routes.Add("oidc.example.com", server);
        http = new HttpClient(routes.CreateHandler(authority));
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
        repositories.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task Dot_folders_are_served_only_with_nojekyll()
    {
        await CommitAsync((".well-known/openid-configuration", "{}"), ("index.html", "hi"), ("_drafts/x.txt", "x"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Discovery));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("https://octo.github.io/issuer/_drafts/x.txt"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("https://octo.github.io/issuer/"));

        await CommitAsync((".nojekyll", ""));

        Assert.Equal("{}", await http.GetStringAsync(new Uri(Discovery)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("https://octo.github.io/issuer/_drafts/x.txt"));
    }

    [Fact]
    public async Task Answers_carry_GitHubs_headers()
    {
        await CommitAsync((".nojekyll", ""), (".well-known/openid-configuration", "{}"));
        using var answer = await http.GetAsync(new Uri(Discovery));

        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("max-age=600", answer.Headers.CacheControl?.ToString());
        Assert.Equal(clock.GetUtcNow(), answer.Content.Headers.LastModified);
        Assert.Equal(TimeSpan.Zero, answer.Headers.Age);
        Assert.Equal("GitHub.com", answer.Headers.Server.ToString());
        Assert.NotNull(answer.Headers.ETag);
    }

    [Theory]
    [InlineData("a.json", "application/json; charset=utf-8")]
    [InlineData("a.html", "text/html; charset=utf-8")]
    [InlineData("a.TXT", "text/plain; charset=utf-8")]
    [InlineData("jwks", "application/octet-stream")]
    [InlineData("a.unheard-of", "application/octet-stream")]
    public async Task Content_types_follow_the_extension(string path, string type)
    {
        await CommitAsync((path, "x"));
        using var answer = await http.GetAsync(new Uri($"https://octo.github.io/issuer/{path}"));
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Validators_answer_304()
    {
        await CommitAsync(("a.json", "{}"));
        using var first = await http.GetAsync(new Uri("https://octo.github.io/issuer/a.json"));
        using var byTag = new HttpRequestMessage(HttpMethod.Get, "https://octo.github.io/issuer/a.json");
        byTag.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var byTime = new HttpRequestMessage(HttpMethod.Get, "https://octo.github.io/issuer/a.json");
        byTime.Headers.IfModifiedSince = first.Content.Headers.LastModified;
        using var other = new HttpRequestMessage(HttpMethod.Get, "https://octo.github.io/issuer/a.json");
        other.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"other\""));

        Assert.Equal(HttpStatusCode.NotModified, (await http.SendAsync(byTag)).StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await http.SendAsync(byTime)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(other)).StatusCode);
    }

    [Fact]
    public async Task A_commit_is_visible_after_the_publish_delay()
    {
        await CommitAsync(("a.txt", "old"));
        Assert.Equal("old", await http.GetStringAsync(new Uri("https://octo.github.io/issuer/a.txt")));
        site.PublishDelay = TimeSpan.FromSeconds(40);
        await CommitAsync(("a.txt", "new"));

        Assert.Equal("old", await http.GetStringAsync(new Uri("https://octo.github.io/issuer/a.txt")));
        clock.Advance(TimeSpan.FromSeconds(39));
        Assert.Equal("old", await http.GetStringAsync(new Uri("https://octo.github.io/issuer/a.txt")));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await http.GetStringAsync(new Uri("https://octo.github.io/issuer/a.txt")));
        Assert.Equal(repository.Tip("main"), site.PublishedCommit);
    }

    [Fact]
    public async Task By_the_system_clock_the_delay_counts_from_the_push()
    {
        await using var real = new PagesServer(authority);
        var slow = real.AddSite("octo/issuer", repository);
        slow.PublishDelay = TimeSpan.FromHours(1);
        await CommitAsync(("a.txt", "new"));
        File.SetLastWriteTimeUtc(Path.Combine(repository.Path, "refs/heads/main"), DateTime.UtcNow.AddHours(-2));

        slow.Notice(TimeProvider.System);
        Assert.Equal(repository.Tip("main"), slow.PublishedCommit);

        await CommitAsync(("a.txt", "newer"));
        slow.Notice(TimeProvider.System);
        Assert.NotEqual(repository.Tip("main"), slow.PublishedCommit);
    }

    [Fact]
    public async Task The_CDN_gives_stale_answers_until_they_are_ten_minutes_old()
    {
        server.CdnCache = true;
        await CommitAsync(("a.txt", "old"));
        var url = new Uri("https://octo.github.io/issuer/a.txt");
        Assert.Equal("old", await http.GetStringAsync(url));
        await CommitAsync(("a.txt", "new"));
        clock.Advance(TimeSpan.FromSeconds(599));

        using var stale = await http.GetAsync(url);
        Assert.Equal(("old", TimeSpan.FromSeconds(599)), (await stale.Content.ReadAsStringAsync(), stale.Headers.Age));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await http.GetStringAsync(url));

        await CommitAsync(("a.txt", "newer"));
        server.PurgeCache();
        Assert.Equal("newer", await http.GetStringAsync(url));
    }

    [Fact]
    public async Task What_is_not_there_is_404_with_a_page_and_the_sites_own_page_when_it_has_one()
    {
        await CommitAsync(("folder/index.html", "in"), ("about.html", "about"));
        using var missing = await http.GetAsync(new Uri("https://octo.github.io/issuer/missing"));
        Assert.Equal((HttpStatusCode.NotFound, "text/html; charset=utf-8"), (missing.StatusCode, missing.Content.Headers.ContentType?.ToString()));
        Assert.Contains("GitHub Pages", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("about", await http.GetStringAsync(new Uri("https://octo.github.io/issuer/about")));
        using var folder = await http.GetAsync(new Uri("https://octo.github.io/issuer/folder"));
        Assert.Equal((HttpStatusCode.MovedPermanently, "https://octo.github.io/issuer/folder/"), (folder.StatusCode, folder.Headers.Location?.ToString()));

        await CommitAsync(("404.html", "ours"));
        using var own = await http.GetAsync(new Uri("https://octo.github.io/issuer/missing"));
        Assert.Equal((HttpStatusCode.NotFound, "ours"), (own.StatusCode, await own.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("https://nobody.github.io/issuer/about"));
    }

    [Fact]
    public async Task Symbolic_links_are_not_followed()
    {
        await repository.CommitAsync("main", "Link", [GitChange.File(".nojekyll", ""), GitChange.Symlink("link", "/etc/passwd")]);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("https://octo.github.io/issuer/link"));
    }

    [Fact]
    public async Task User_sites_project_sites_and_custom_domains_live_side_by_side()
    {
        var user = await repositories.CreateAsync("octo/octo.github.io");
        var domain = await repositories.CreateAsync("octo/named");
        await CommitAsync(("a", "project"));
        await user.CommitFilesAsync("main", new Dictionary<string, string> { ["a"] = "user", ["issuer"] = "shadowed" });
        await domain.CommitFilesAsync("main", new Dictionary<string, string> { ["a"] = "domain" });
        var userSite = server.AddSite("octo/octo.github.io", user);
        var domainSite = server.AddSite("octo/named", domain, customDomain: "oidc.example.com");

        Assert.Equal(
            ["https://octo.github.io/issuer", "https://octo.github.io", "https://oidc.example.com"],
            new[] { site.Url, userSite.Url, domainSite.Url });
        Assert.Equal("project", await http.GetStringAsync(new Uri($"{site.Url}/a")));
        Assert.Equal("user", await http.GetStringAsync(new Uri($"{userSite.Url}/a")));
        Assert.Equal("domain", await http.GetStringAsync(new Uri($"{domainSite.Url}/a")));
        using var led = await http.GetAsync(new Uri("https://octo.github.io/named/a"));
        Assert.Equal("https://oidc.example.com/a", led.Headers.Location?.ToString());
    }

    [Fact]
    public async Task HEAD_tells_the_length_and_POST_is_refused()
    {
        await CommitAsync(("a.txt", "12345"));
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{site.Url}/a.txt"));
        using var post = await http.PostAsync(new Uri($"{site.Url}/a.txt"), new StringContent("x"));

        Assert.Equal(5, head.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    private Task<string> CommitAsync(params (string Path, string Text)[] files) =>
        repository.CommitFilesAsync("main", files.ToDictionary(file => file.Path, file => file.Text));

    private async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var answer = await http.GetAsync(new Uri(url));
        return answer.StatusCode;
    }
}
