using ClusterTrust.Sandbox.Pages;

namespace ClusterTrust.Sandbox.Tests.Pages;

public sealed class PagesServerTests : IAsyncLifetime
{
    private const string Name = "octo/issuer";
    private const string Site = "https://octo.github.io/issuer";
    private const string Discovery = Site + "/.well-known/openid-configuration";

    private PagesServer Server { get; } = new(CertificateAuthority.OfProcess);

    private GitRepositories Repositories { get; } = new();

    private HttpClient Client { get; set; } = null!;

    public async Task InitializeAsync()
    {
        var routes = new HostRoutes();
        routes.Add("octo.github.io", Server);
        routes.Add("nobody.github.io", Server);
        Client = new HttpClient(routes.CreateHandler(CertificateAuthority.OfProcess));
        Server.AddSite(Name, await Repositories.CreateAsync(Name));
        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        Repositories.Dispose();
    }

    [Fact]
    public async Task Files_are_served_as_GitHub_serves_them()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/"));
        await CommitAsync((".well-known/openid-configuration", "{}"), ("index.html", "hi"), ("_drafts/x.txt", "x"), ("a.json", "{}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Discovery));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/_drafts/x.txt"));
        Assert.Equal("hi", await Client.GetStringAsync(new Uri($"{Site}/")));

        await CommitAsync((".nojekyll", ""));
        await Repositories[Name].CommitAsync("main", "Link", [GitChange.Symlink("link", "/etc/passwd")]);
        var pushed = File.GetLastWriteTimeUtc(Path.Combine(Repositories[Name].Path, "refs/heads/main"));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{Site}/_drafts/x.txt"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"{Site}/link"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("https://nobody.github.io/issuer/index.html"));
        foreach (var (address, type) in new[] { (Discovery, "application/octet-stream"), ($"{Site}/a.json", "application/json; charset=utf-8"), ($"{Site}/", "text/html; charset=utf-8") })
        {
            using var answer = await Client.GetAsync(new Uri(address));
            Assert.Equal((type, "max-age=600", "GitHub.com"), ($"{answer.Content.Headers.ContentType}", $"{answer.Headers.CacheControl}", $"{answer.Headers.Server}"));
            Assert.Equal(new DateTimeOffset(pushed).ToUnixTimeSeconds(), answer.Content.Headers.LastModified!.Value.ToUnixTimeSeconds());
            Assert.Equal(TimeSpan.Zero, answer.Headers.Age);
        }
    }

    private Task<string> CommitAsync(params (string Path, string Text)[] files) =>
        Repositories[Name].CommitFilesAsync("main", files.ToDictionary(static file => file.Path, static file => file.Text));

    private async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var answer = await Client.GetAsync(new Uri(url));
        return answer.StatusCode;
    }
}
