using System.Net;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitHttpsServerTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Name = "octo/issuer";
    private readonly CertificateAuthority authority = new();
    private readonly GitRepositories repositories = new();
    private readonly GitClient client = new();
    private GitHttpsServer server = null!;
    private GitRepository repository = null!;

    public async Task InitializeAsync()
    {
        repository = await repositories.CreateAsync(Name);
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["readme"] = "hello" });
        server = new GitHttpsServer(authority, repositories);
        server.AddToken("writer");
        server.AddToken("reader", GitAccess.ReadOnly);
        await server.StartAsync();
        client.TrustCertificates(authority.CertificatePem);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
        repositories.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task A_token_clones_shallowly_and_pushes()
    {
        await repository.BuildHistoryAsync("main", 300);
        await client.SucceedAsync("clone", "-q", "--depth=1", Url("writer"), "work");
        await client.CommitAsync("new.txt", "pushed");
        await client.SucceedAsync("-C", "work", "push", "-q");

        Assert.Equal("1\n", await client.SucceedAsync("-C", "work", "rev-list", "--count", "HEAD~1"));
        Assert.Equal("pushed", await repository.ReadTextAsync("main", "new.txt"));
        Assert.Equal("", await repository.FsckAsync());
    }

    [Fact]
    public async Task A_read_only_token_clones_and_is_refused_a_push_with_403()
    {
        await client.SucceedAsync("clone", "-q", Url("reader"), "work");
        await client.CommitAsync("new.txt", "pushed");
        var push = await client.FailAsync("-C", "work", "push", "-q");

        Assert.Contains("Write access to repository not granted.", push.StandardError, StringComparison.Ordinal);
        Assert.Contains("403", push.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_or_none_gets_401_with_a_challenge()
    {
        using var http = new HttpClient(new HostRoutes().CreateHandler(authority));
        using var none = await http.GetAsync(new Uri($"{server.Url(Name)}/info/refs?service=git-upload-pack"));

        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        Assert.Equal("Basic realm=\"GitHub\"", none.Headers.WwwAuthenticate.ToString());
        var wrong = await client.FailAsync("clone", "-q", Url("wrong"), "work");
        Assert.Contains("Authentication failed", wrong.StandardError, StringComparison.Ordinal);
    }

    private string Url(string token) => server.Url(Name).Replace("://", $"://x-access-token:{token}@", StringComparison.Ordinal);
}
