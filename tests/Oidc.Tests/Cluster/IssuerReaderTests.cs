using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Hostile;
using ClusterTrust.Sandbox.Soaking;
using ClusterTrust.Text;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class IssuerReaderTests : ClusterTest
{
    [Fact]
    public async Task The_API_server_of_the_connection_is_the_default()
    {
        var issuer = await ReadAsync(new IssuerReaderOptions());

        Assert.Equal(Server.Issuer.Issuer, issuer.Issuer);
        Assert.Equal([Server.Keys.Signing.KeyId], issuer.Keys.Keys.Select(key => key.Kid));
    }

    [Fact]
    public async Task All_API_servers_are_looked_up_and_one_that_is_named_twice_counts_once()
    {
        Assert.Single((await ReadAsync(new IssuerReaderOptions { AllApiServers = true })).Keys.Keys);
        Assert.Single((await ReadAsync(new IssuerReaderOptions { ApiServers = [Server.LoopbackAddress, Server.LoopbackAddress] })).Keys.Keys);
    }

    [Fact]
    public async Task The_address_of_the_connection_is_recognized_in_jwks_uri()
    {
        Server.Issuer.JwksUri = $"https://localhost:{Server.Port}/openid/v1/jwks";

        var issuer = await ReadAsync(new IssuerReaderOptions { ApiServers = [new Uri($"https://localhost:{Server.Port}/")] });

        Assert.Equal(Server.Issuer.Issuer + "/openid/v1/jwks", issuer.Discovery.JwksUri);
        Assert.Contains(issuer.Notices, notice => notice.Contains("jwks_uri is its own address", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_issuer_than_the_configured_one_is_refused()
    {
        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions { Issuer = "https://example.github.io/other" }));

        Assert.Equal(ExitCode.Refused, fault.ExitCode);
    }

    [Fact]
    public async Task A_body_is_read_up_to_its_limit()
    {
        Server.Tamper = static (context, body) => context.Request.Path == IssuerEndpoint.JwksPath ? new byte[10 * 1024 * 1024] : body;

        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions()));

        Assert.Contains("is larger than 65536 bytes", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, ExitCode.Usage, "only when its issuer is an https URL; start it with --service-account-issuer=")]
    [InlineData(302, ExitCode.Refused, "a redirect (302), which an API server never sends")]
    [InlineData(204, ExitCode.Refused, "204 and not 200: something else answers instead of the API server")]
    public async Task Another_status_than_200_is_explained(int status, ExitCode exitCode, string sentence)
    {
        Server.Instead = context =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };

        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions()));

        Assert.Equal(exitCode, fault.ExitCode);
        Assert.StartsWith($"The discovery document at {Server.LoopbackAddress.AbsoluteUri}.well-known/openid-configuration was answered with ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_the_pod_is_the_default()
    {
        var token = await GetTokenAsync(new IssuerReaderOptions(), Server.IssueToken("demo", "oidc"));

        Assert.Equal("system:serviceaccount:demo:oidc", token!.Subject);
    }

    [Fact]
    public async Task A_token_of_a_person_proves_nothing() => Assert.Null(await GetTokenAsync(new IssuerReaderOptions(), null));

    [Fact]
    public async Task A_requested_token_has_the_requested_audience()
    {
        Server.IssueToken("demo", "app");
        var sent = "";
        Server.OnRequest = async context =>
        {
            context.Request.EnableBuffering();
            sent = await new StreamReader(context.Request.Body).ReadToEndAsync();
            context.Request.Body.Position = 0;
        };

        var token = await GetTokenAsync(new IssuerReaderOptions { ServiceAccount = "demo/app", Audience = "sts.amazonaws.com" }, null);

        Assert.Equal("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["sts.amazonaws.com"],"expirationSeconds":600}}""", sent);

        Assert.Equal(("system:serviceaccount:demo:app", "sts.amazonaws.com"), (token!.Subject, Assert.Single(token.Audiences)));
        Assert.Equal(TimeSpan.FromMinutes(10), token.ExpiresAt - token.NotBefore);
    }

    [Fact]
    public async Task The_token_of_a_missing_ServiceAccount_is_not_found()
    {
        var fault = await Assert.ThrowsAsync<KubernetesException>(() => GetTokenAsync(new IssuerReaderOptions { ServiceAccount = "demo/nobody" }, null));

        Assert.Equal(HttpStatusCode.NotFound, fault.Status);
    }

    [Fact]
    public async Task Hostile_answers_to_the_request_for_a_token_are_refused_or_read()
    {
        const string Answer = """{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","metadata":{"name":"app"},"spec":{"audiences":["a"],"expirationSeconds":600},"status":{"token":"e30.e30.c2ln","expirationTimestamp":"2026-11-24T14:50:31Z"}}""";
        foreach (var seed in Soak.Inputs(200))
        {
            Server.Instead = Answering(new HostileJson(seed).Damage(Answer));
            await AssertFaultOrAnswerAsync(() => GetTokenAsync(new IssuerReaderOptions { ServiceAccount = "demo/app" }, null));
        }
    }

    [Fact]
    public async Task A_token_file_takes_precedence_over_the_token_of_the_pod()
    {
        var file = Folder.Write("token", Server.IssueToken("demo", "app") + "\n");

        Assert.Equal("system:serviceaccount:demo:app", (await GetTokenAsync(new IssuerReaderOptions { TokenFile = file }, Server.IssueToken("demo", "oidc")))!.Subject);
    }

    [Fact]
    public async Task A_token_file_that_is_missing_or_invalid_is_an_error()
    {
        var missing = await Assert.ThrowsAsync<JobException>(() => GetTokenAsync(new IssuerReaderOptions { TokenFile = Folder.Combine("none") }, null));
        var garbage = await Assert.ThrowsAsync<JobException>(() => GetTokenAsync(new IssuerReaderOptions { TokenFile = Folder.Write("bad", "secret-text") }, null));

        Assert.Equal((ExitCode.Usage, ExitCode.Usage), (missing.ExitCode, garbage.ExitCode));
        Assert.Contains("correct --verify-token-file", missing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-text", garbage.Message, StringComparison.Ordinal);
    }

    private Task<CheckedIssuer> ReadAsync(IssuerReaderOptions options) =>
        ConnectAsync(connection => new IssuerReader(options, connection).ReadAsync(CancellationToken.None));

    private Task<JsonWebToken?> GetTokenAsync(IssuerReaderOptions options, string? token) =>
        ConnectAsync(connection => new IssuerReader(options, connection).GetTokenAsync(CancellationToken.None), token);
}
