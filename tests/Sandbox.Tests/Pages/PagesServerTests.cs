using ClusterTrust.Sandbox.Pages;

namespace ClusterTrust.Sandbox.Tests.Pages;

public sealed class PagesServerTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Name = "octo/issuer";
    private const string Site = "https://octo.github.io/issuer";
    private const string Discovery = Site + "/.well-known/openid-configuration";
    private readonly PagesServer _server = new(CertificateAuthority.OfProcess);
    private readonly GitRepositories _repositories = new();
    private readonly HttpClient _http;

    public PagesServerTests()
    {
        var routes = new HostRoutes();
        routes.Add("octo.github.io", _server);
        routes.Add("nobody.github.io", _server);
        _http = new HttpClient(routes.CreateHandler(CertificateAuthority.OfProcess));
    }

    private GitRepository Repository => _repositories[Name];

    public async Task InitializeAsync()
    {
        _server.AddSite(Name, await _repositories.CreateAsync(Name));
        await _server.StartAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _repositories.Dispose();
    }

    [Fact]
    public async Task Dot_folders_are_served_only_with_nojekyll()
    {
        await CommitAsync((".well-known/openid-configuration", "{}"), ("index.html", "hi"), ("_drafts/x.txt", "x"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Discovery));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/_drafts/x.txt"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{Site}/"));

        await CommitAsync((".nojekyll", ""));

        Assert.Equal("{}", await _http.GetStringAsync(new Uri(Discovery)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{Site}/_drafts/x.txt"));
    }

    [Fact]
    public async Task Answers_carry_GitHubs_headers_and_types_by_extension()
    {
        await CommitAsync((".nojekyll", ""), (".well-known/openid-configuration", "{}"), ("a.json", "{}"), ("a.html", "x"));
        var pushed = File.GetLastWriteTimeUtc(Path.Combine(Repository.Path, "refs/heads/main"));
        using var answer = await _http.GetAsync(new Uri(Discovery));
        using var json = await _http.GetAsync(new Uri($"{Site}/a.json"));
        using var html = await _http.GetAsync(new Uri($"{Site}/a.html"));

        Assert.Equal(
            ["application/octet-stream", "application/json; charset=utf-8", "text/html; charset=utf-8"],
            new[] { answer, json, html }.Select(static one => one.Content.Headers.ContentType!.ToString()));
        Assert.Equal("max-age=600", answer.Headers.CacheControl?.ToString());
        Assert.Equal(new DateTimeOffset(pushed).ToUnixTimeSeconds(), answer.Content.Headers.LastModified!.Value.ToUnixTimeSeconds());
        Assert.Equal(TimeSpan.Zero, answer.Headers.Age);
        Assert.Equal("GitHub.com", answer.Headers.Server.ToString());
    }

    [Fact]
    public async Task What_is_not_there_and_what_a_symbolic_link_leads_to_is_not_found()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/"));
        await Repository.CommitAsync("main", "Link", [GitChange.File(".nojekyll", ""), GitChange.Symlink("link", "/etc/passwd")]);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/link"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/missing"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("https://nobody.github.io/issuer/link"));
    }

    private Task<string> CommitAsync(params (string Path, string Text)[] files) =>
        Repository.CommitFilesAsync("main", files.ToDictionary(static file => file.Path, static file => file.Text));

    private async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var answer = await _http.GetAsync(new Uri(url));
        return answer.StatusCode;
    }
}
