using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Sandbox.Hostile;
using ClusterTrust.Sandbox.Soaking;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class ClusterTokensTests : ClusterTest
{
    [Fact]
    public async Task The_token_of_the_pod_is_the_default()
    {
        var token = await GetAsync(new ClusterTokenOptions(), Server.IssueToken("demo", "oidc"));

        Assert.Equal("system:serviceaccount:demo:oidc", token!.Subject);
    }

    [Fact]
    public async Task A_token_of_a_person_proves_nothing() => Assert.Null(await GetAsync(new ClusterTokenOptions(), null));

    [Fact]
    public async Task A_requested_token_has_the_requested_audience()
    {
        Server.IssueToken("demo", "app");

        var token = await GetAsync(new ClusterTokenOptions { ServiceAccount = "demo/app", Audience = "sts.amazonaws.com" }, null);

        Assert.Equal(("system:serviceaccount:demo:app", "sts.amazonaws.com"), (token!.Subject, Assert.Single(token.Audiences)));
        Assert.Equal(TimeSpan.FromMinutes(10), token.ExpiresAt - token.NotBefore);
    }

    [Fact]
    public async Task The_token_of_a_missing_ServiceAccount_is_not_found()
    {
        var fault = await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(new ClusterTokenOptions { ServiceAccount = "demo/nobody" }, null));

        Assert.Equal(HttpStatusCode.NotFound, fault.Status);
    }

    [Fact]
    public async Task Hostile_answers_to_the_request_for_a_token_are_refused_or_read()
    {
        const string Answer = """{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","metadata":{"name":"app"},"spec":{"audiences":["a"],"expirationSeconds":600},"status":{"token":"e30.e30.c2ln","expirationTimestamp":"2026-11-24T14:50:31Z"}}""";
        foreach (var seed in Soak.Inputs(200))
        {
            Server.Instead = Answering(new HostileJson(seed).Damage(Answer));
            await AssertFaultOrAnswerAsync(() => GetAsync(new ClusterTokenOptions { ServiceAccount = "demo/app" }, null));
        }
    }

    [Fact]
    public async Task A_token_file_takes_precedence_over_the_token_of_the_pod()
    {
        var file = Folder.Write("token", Server.IssueToken("demo", "app") + "\n");

        Assert.Equal("system:serviceaccount:demo:app", (await GetAsync(new ClusterTokenOptions { TokenFile = file }, Server.IssueToken("demo", "oidc")))!.Subject);
    }

    [Fact]
    public async Task A_token_file_that_is_missing_or_invalid_is_an_error()
    {
        var missing = await Assert.ThrowsAsync<JobException>(() => GetAsync(new ClusterTokenOptions { TokenFile = Folder.Combine("none") }, null));
        var garbage = await Assert.ThrowsAsync<JobException>(() => GetAsync(new ClusterTokenOptions { TokenFile = Folder.Write("bad", "secret-text") }, null));

        Assert.Equal((ExitCode.Usage, ExitCode.Usage), (missing.ExitCode, garbage.ExitCode));
        Assert.Contains("correct --verify-token-file", missing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-text", garbage.Message, StringComparison.Ordinal);
    }

    private Task<JsonWebToken?> GetAsync(ClusterTokenOptions options, string? token) =>
        ConnectAsync(connection => new ClusterTokens(options, connection).GetAsync(CancellationToken.None), token);
}
