using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What is printed for the other side of a trust.</summary>
public sealed class TrustTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Subject = "system:serviceaccount:shop:reader";

    [Theory]
    [InlineData("azure", "commands", "az identity federated-credential create", "api://AzureADTokenExchange")]
    [InlineData("aws", "tofu", "resource \"aws_iam_openid_connect_provider\"", "sts.amazonaws.com")]
    [InlineData("gcp", "json", "\"cloud\": \"gcp\"", "")]
    [Trait("ApiServer", "own")]
    public async Task A_cloud_gets_its_commands_its_configuration_or_the_parts_as_JSON_and_nothing_is_called(string cloud, string output, string expected, string audience)
    {
        fixture.Cluster.ApiServer.ForgetRequests();
        var printed = Expect.Done(await TrustAsync("--cloud", cloud, "--output", output, "--issuer", fixture.Cluster.IssuerUrl), Subject, audience).StandardOutput;

        Assert.Contains(expected, printed, StringComparison.Ordinal);
        Assert.Contains(fixture.Cluster.IssuerUrl["https://".Length..], printed, StringComparison.Ordinal);
        Assert.Contains(Subject, printed, StringComparison.Ordinal);
        Assert.Empty(fixture.Cluster.ApiServer.Requests);
        Assert.Empty(fixture.Cluster.Proxy.Requests);
    }

    [Fact]
    public async Task Without_an_issuer_the_API_server_is_asked()
    {
        Expect.Done(await TrustAsync("--cloud", "azure", "--kubeconfig", fixture.Cluster.Kubeconfig("oidc")), $"--issuer '{fixture.Cluster.IssuerUrl}'");
        Assert.Empty(fixture.Cluster.Proxy.Requests);
    }

    private async Task<Output> TrustAsync(params string[] arguments)
    {
        await using var job = fixture.Cluster.Job("oidc");
        return await job.RunAsync(["trust", "--subject", Subject, .. arguments]);
    }
}
