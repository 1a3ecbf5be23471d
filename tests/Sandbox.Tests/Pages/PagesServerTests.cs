using System.Net;
using System.Net.Http.Headers;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Pages;

public sealed class PagesServerTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Site = "https://octo.github.io/issuer";
    private const string Discovery = Site + "/.well-known/openid-configuration";
    private readonly CertificateAuthority authority = new();
    private readonly GitRepositories repositories = new();
    private readonly HostRoutes routes = new();
    private GitRepository repository = null!;
    private PagesServer server = null!;
    private HttpClient http = null!;

    public async Task InitializeAsync()
    {
        repository = await repositories.CreateAsync("octo/issuer");
        server = new PagesServer(authority);
        server.AddSite("octo/issuer", repository);
        await server.StartAsync();
        routes.Add("octo.github.io", server);
        routes.Add("nobody.github.io", server);
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
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/_drafts/x.txt"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{Site}/"));

        await CommitAsync((".nojekyll", ""));

        Assert.Equal("{}", await http.GetStringAsync(new Uri(Discovery)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{Site}/_drafts/x.txt"));
    }

    [Fact]
    public async Task Answers_carry_GitHubs_headers()
    {
        await CommitAsync((".nojekyll", ""), (".well-known/openid-configuration", "{}"));
        var pushed = File.GetLastWriteTimeUtc(Path.Combine(repository.Path, "refs/heads/main"));
        using var answer = await http.GetAsync(new Uri(Discovery));

        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("max-age=600", answer.Headers.CacheControl?.ToString());
        Assert.Equal(new DateTimeOffset(pushed).ToUnixTimeSeconds(), answer.Content.Headers.LastModified!.Value.ToUnixTimeSeconds());
        Assert.Equal(TimeSpan.Zero, answer.Headers.Age);
        Assert.Equal("GitHub.com", answer.Headers.Server.ToString());
        Assert.NotNull(answer.Headers.ETag);
    }

    [Theory]
    [InlineData("a.json", "application/json; charset=utf-8")]
    [InlineData("a.html", "text/html; charset=utf-8")]
    [InlineData("jwks", "application/octet-stream")]
    public async Task Content_types_follow_the_extension(string path, string type)
    {
        await CommitAsync((path, "x"));
        using var answer = await http.GetAsync(new Uri($"{Site}/{path}"));
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task The_entity_tag_answers_304()
    {
        await CommitAsync(("a.json", "{}"));
        using var first = await http.GetAsync(new Uri($"{Site}/a.json"));
        using var same = new HttpRequestMessage(HttpMethod.Get, $"{Site}/a.json") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var other = new HttpRequestMessage(HttpMethod.Get, $"{Site}/a.json") { Headers = { IfNoneMatch = { new EntityTagHeaderValue("\"other\"") } } };

        Assert.Equal(HttpStatusCode.NotModified, (await http.SendAsync(same)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(other)).StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_and_what_a_symbolic_link_leads_to_is_not_found()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/"));
        await repository.CommitAsync("main", "Link", [GitChange.File(".nojekyll", ""), GitChange.Symlink("link", "/etc/passwd")]);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/link"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/missing"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("https://nobody.github.io/issuer/link"));
    }

    [Fact]
    public async Task User_sites_and_project_sites_live_side_by_side()
    {
        var user = await repositories.CreateAsync("octo/octo.github.io");
        await CommitAsync(("a", "project"));
        await user.CommitFilesAsync("main", new Dictionary<string, string> { ["a"] = "user", ["issuer"] = "shadowed" });
        server.AddSite("octo/octo.github.io", user);

        Assert.Equal("project", await http.GetStringAsync(new Uri($"{Site}/a")));
        Assert.Equal("user", await http.GetStringAsync(new Uri("https://octo.github.io/a")));
    }

    private Task<string> CommitAsync(params (string Path, string Text)[] files) =>
        repository.CommitFilesAsync("main", files.ToDictionary(file => file.Path, file => file.Text));

    private async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var answer = await http.GetAsync(new Uri(url));
        return answer.StatusCode;
    }
}
