using System.Net;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Tests.Issuer;

namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>Every way a verification can go.</summary>
public sealed class VerifyJobTests : JobTest
{
    [Fact]
    public async Task What_the_cluster_serves_is_published()
    {
        await PublishAsync();
        Pages.Requests.Clear();

        Assert.Equal(ExitCode.Done, (await VerifyAsync()).ExitCode);
        Assert.Equal(2, Pages.Requests.Count);
        Assert.Contains("is accepted", Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_retained_is_explained_by_the_published_state_until_its_time_is_over()
    {
        Cluster.Keys = [0, 1];
        await PublishAsync();
        Cluster.Keys = [0];

        // The state has it as served: no run of oidc saw it go yet.
        Assert.Equal(ExitCode.Done, (await VerifyAsync()).ExitCode);

        await PublishAsync();
        Pages.Requests.Clear();
        Assert.Equal(ExitCode.Done, (await VerifyAsync()).ExitCode);
        Assert.Equal(3, Pages.Requests.Count);

        Clock.Now = Start.AddHours(25);
        Assert.Equal(ExitCode.Refused, (await VerifyAsync()).ExitCode);
    }

    [Fact]
    public async Task A_rogue_key_is_refused()
    {
        await PublishAsync();
        PutKeys(TestKeys.RsaKey(0), TestKeys.RsaKey(3));

        var result = await VerifyAsync();

        Assert.Equal(ExitCode.Refused, result.ExitCode);
        Assert.Contains(result.Summary.Failures, failure => failure.Reason.Contains(Kid(3), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_jwks_uri_on_another_host_is_refused_and_not_followed()
    {
        await PublishAsync();
        var discovery = JsonNode.Parse(Repository.Site.Find(Layout.DiscoveryPath)!.Value.Span)!;
        discovery["jwks_uri"] = "https://attacker.example/openid/v1/jwks";
        Put(Layout.DiscoveryPath, TestKeys.Bytes(discovery));
        Pages.Requests.Clear();

        Assert.Equal(ExitCode.Refused, (await VerifyAsync()).ExitCode);
        Assert.All(Pages.Requests, request => Assert.Equal("example.github.io", request.Host));
    }

    [Fact]
    public async Task A_published_dropped_key_is_refused_although_the_state_file_lists_it()
    {
        Cluster.Keys = [0, 1];
        await PublishAsync();
        Cluster.Keys = [0];
        Options = Options with { Plan = Options.Plan with { DropKeys = [Kid(1)] } };

        Assert.Equal(ExitCode.Refused, (await VerifyAsync()).ExitCode);
    }

    [Fact]
    public async Task A_state_file_that_cannot_be_read_is_no_proof_of_a_rogue_key()
    {
        Cluster.Keys = [0, 1];
        await PublishAsync();
        Cluster.Keys = [0];
        AnswerFor("-state.json", HttpStatusCode.ServiceUnavailable);

        Assert.Equal(ExitCode.Failed, (await VerifyAsync()).ExitCode);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.NotModified)]
    public async Task A_site_that_does_not_serve_fails_the_run(HttpStatusCode status)
    {
        Answer = _ => new HttpResponseMessage(status);

        Assert.Equal(ExitCode.Failed, (await VerifyAsync()).ExitCode);
    }

    [Fact]
    public async Task A_key_that_is_not_published_yet_fails_the_run()
    {
        await PublishAsync();
        Cluster.Keys = [0, 1];

        var result = await VerifyAsync();

        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("run 'oidc publish'", Assert.Single(result.Summary.Failures).Reason, StringComparison.Ordinal);
    }
}
