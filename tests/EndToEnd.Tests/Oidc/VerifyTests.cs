namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>The published issuer as a cloud sees it. Each fault has its own tests in <c>tests/Oidc.Tests</c>.</summary>
public sealed class VerifyTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task All_is_well_and_content_type_and_age_are_reported()
    {
        var cluster = fixture.Cluster;

        Expect.Done(
            await cluster.OidcAsync("verify"),
            "CHECK",
            $"{cluster.IssuerUrl}/.well-known/openid-configuration is served with 200 as application/octet-stream, ",
            " s old and cached for 600 s",
            cluster.Kubernetes.SigningKeys.Count == 1 ? "1 expected key is there" : $"{cluster.Kubernetes.SigningKeys.Count} expected keys are there",
            $"a token of system:serviceaccount:{cluster.JobsNamespace}:{cluster.Kubernetes.AccountOf("oidc")} for",
            "is accepted");
        Assert.Equal([new Uri(cluster.IssuerUrl).Host], cluster.Proxy.HostsAsked);
        Assert.All(cluster.Pages.Requests, static request => Assert.Null(request.Authorization));

        var json = JsonNode.Parse(Expect.Done(await cluster.OidcAsync("verify", "--output", "json")).StandardOutput)!;
        Assert.Equal(
            ["discovery document ok", "key set ok", "token ok"], json["checks"]!.AsArray().Select(static check => $"{check!["subject"]} {check["result"]}"));
    }
}
