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
    public async Task A_large_push_goes_through_in_chunks()
    {
        await client.SucceedAsync("clone", "-q", Url("writer"), "work");
        await client.CommitAsync("large.txt", string.Join('\n', Enumerable.Range(0, 300_000).Select(i => (i * 2654435761L).ToString("x", null))));
        await client.SucceedAsync("-C", "work", "push", "-q");

        Assert.Equal("", await repository.FsckAsync());
        Assert.True((await repository.TreeAsync("main")).Single(entry => entry.Path == "large.txt").Size > 2_000_000);
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

    [Fact]
    public async Task An_anonymous_reader_may_clone_a_public_repository_and_not_push()
    {
        server.AllowAnonymousRead = true;
        await client.SucceedAsync("clone", "-q", server.Url(Name), "work");
        await client.CommitAsync("new.txt", "pushed");

        await client.FailAsync("-C", "work", "push", "-q");
        Assert.Null(await repository.ReadTextAsync("main", "new.txt"));
    }

    [Fact]
    public async Task Repositories_that_are_not_there_or_not_for_the_token_are_not_found()
    {
        await repositories.CreateAsync("octo/other");
        server.AddToken("narrow", repository: "octo/other");

        foreach (var url in new[] { Url("narrow"), Url("writer").Replace("issuer", "nowhere", StringComparison.Ordinal) })
        {
            var clone = await client.FailAsync("clone", "-q", url, "work");
            Assert.Contains("not found", clone.StandardError, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_protected_branch_refuses_with_its_message()
    {
        repository.Protect("Protected branch update failed.");
        await client.SucceedAsync("clone", "-q", Url("writer"), "work");
        await client.CommitAsync("new.txt", "pushed");

        var push = await client.FailAsync("-C", "work", "push", "-q");
        Assert.Contains("remote: Protected branch update failed.", push.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_its_real_name_it_is_reached_through_the_proxy()
    {
        var routes = new HostRoutes();
        routes.Add("github.com", server);
        await using var proxy = new ConnectProxy(routes);
        await proxy.StartAsync();
        client.UseProxy(proxy.Address);

        await client.SucceedAsync("clone", "-q", $"https://x-access-token:writer@github.com/{Name}", "work");
        Assert.Equal(["github.com"], proxy.HostsAsked);
    }

    private string Url(string token) => server.Url(Name).Replace("://", $"://x-access-token:{token}@", StringComparison.Ordinal);
}
