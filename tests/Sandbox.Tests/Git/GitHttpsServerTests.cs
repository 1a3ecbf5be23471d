using System.Net;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Proxy;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitHttpsServerTests : RepositoryTest
{
    private readonly GitHttpsServer _server;

    public GitHttpsServerTests() => _server = new GitHttpsServer(Authority, Repositories);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _server.AddToken("writer");
        _server.AddToken("reader", GitAccess.ReadOnly);
        await _server.StartAsync();
        Client.TrustCertificates(Authority.CertificatePem);
    }

    public override async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_token_clones_shallowly_and_pushes()
    {
        await Repository.BuildHistoryAsync("main", 300);
        await Client.SucceedAsync("clone", "-q", "--depth=1", Url("writer"), "work");
        await Client.CommitAsync("new.txt", "pushed");
        await Client.SucceedAsync("-C", "work", "push", "-q");

        Assert.Equal("1\n", await Client.SucceedAsync("-C", "work", "rev-list", "--count", "HEAD~1"));
        Assert.Equal("pushed", await Repository.ReadTextAsync("main", "new.txt"));
        Assert.Equal("", await Repository.FsckAsync());
    }

    [Fact]
    public async Task A_wrong_token_gets_401_with_a_challenge_and_the_push_of_one_that_may_only_read_403()
    {
        using var http = new HttpClient(new HostRoutes().CreateHandler(Authority));
        using var none = await http.GetAsync(new Uri($"{_server.Url(Name)}/info/refs?service=git-upload-pack"));
        Assert.Equal((HttpStatusCode.Unauthorized, "Basic realm=\"GitHub\""), (none.StatusCode, none.Headers.WwwAuthenticate.ToString()));
        var wrong = await Client.FailAsync("clone", "-q", Url("wrong"), "work");
        Assert.Contains("Authentication failed", wrong.StandardError, StringComparison.Ordinal);

        await Client.SucceedAsync("clone", "-q", Url("reader"), "work");
        await Client.CommitAsync("new.txt", "pushed");
        var push = await Client.FailAsync("-C", "work", "push", "-q");
        Assert.Contains("Write access to repository not granted.", push.StandardError, StringComparison.Ordinal);
    }

    private string Url(string token) => _server.Url(Name).Replace("://", $"://x-access-token:{token}@", StringComparison.Ordinal);
}
