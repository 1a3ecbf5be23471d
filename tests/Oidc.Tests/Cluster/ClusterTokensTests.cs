using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class ClusterTokensTests : IAsyncLifetime
{
    private TemporaryFolder Folder { get; } = new();

    private CertificateAuthority Authority { get; } = new();

    private KubeApiServer Server { get; set; } = null!;

    public async Task InitializeAsync()
    {
        Server = new KubeApiServer(Authority);
        await Server.StartAsync();
        Server.State.AddNamespace("demo");
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }

    [Fact]
    public async Task The_job_s_own_token_is_taken()
    {
        var token = await GetAsync(new ClusterTokenOptions(), Server.IssueToken("demo", "oidc"));

        Assert.Equal("system:serviceaccount:demo:oidc", token!.Subject);
    }

    [Fact]
    public async Task A_person_s_token_proves_nothing() => Assert.Null(await GetAsync(new ClusterTokenOptions(), null));

    [Fact]
    public async Task A_fresh_token_is_for_the_audience_that_was_asked_for()
    {
        Server.IssueToken("demo", "app");

        var token = await GetAsync(new ClusterTokenOptions { ServiceAccount = "demo/app", Audience = "sts.amazonaws.com" }, null);

        Assert.Equal(("system:serviceaccount:demo:app", "sts.amazonaws.com"), (token!.Subject, Assert.Single(token.Audiences)));
    }

    [Fact]
    public async Task A_token_file_wins_over_the_job_s_own()
    {
        var file = Folder.Write("token", Server.IssueToken("demo", "app") + "\n");

        Assert.Equal("system:serviceaccount:demo:app", (await GetAsync(new ClusterTokenOptions { TokenFile = file }, Server.IssueToken("demo", "oidc")))!.Subject);
    }

    [Fact]
    public async Task A_token_file_that_is_missing_or_holds_something_else_is_told()
    {
        var missing = await Assert.ThrowsAsync<JobException>(() => GetAsync(new ClusterTokenOptions { TokenFile = Folder.Combine("none") }, null));
        var garbage = await Assert.ThrowsAsync<JobException>(() => GetAsync(new ClusterTokenOptions { TokenFile = Folder.Write("bad", "secret-text") }, null));

        Assert.Equal((ExitCode.Usage, ExitCode.Usage), (missing.ExitCode, garbage.ExitCode));
        Assert.Contains("correct --verify-token-file", missing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-text", garbage.Message, StringComparison.Ordinal);
    }

    private async Task<JsonWebToken?> GetAsync(ClusterTokenOptions options, string? token)
    {
        var kubeconfig = Folder.Combine("kubeconfig");
        Server.WriteKubeconfig(kubeconfig, token);
        using var connection = KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = kubeconfig });
        return await new ClusterTokens(options, connection).GetAsync(CancellationToken.None);
    }
}
