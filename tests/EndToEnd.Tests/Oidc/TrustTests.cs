namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What is printed for the other side of a trust. The texts have their own tests in <c>tests/Oidc.Tests</c>.</summary>
public sealed class TrustTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Subject = "system:serviceaccount:shop:reader";

    [Theory]
    [InlineData("azure", "commands", "az identity federated-credential create")]
    [InlineData("aws", "tofu", "resource \"aws_iam_openid_connect_provider\"")]
    [InlineData("gcp", "json", "\"cloud\": \"gcp\"")]
    [Trait("ApiServer", "own")]
    public async Task A_cloud_gets_its_commands_its_configuration_or_the_parts_as_JSON_and_nothing_is_called(string cloud, string output, string expected)
    {
        fixture.Cluster.ApiServer.ForgetRequests();

        Expect.Done(
            await fixture.Cluster.RunAsync("oidc", ["trust", "--subject", Subject, "--cloud", cloud, "--output", output, "--issuer", fixture.Cluster.IssuerUrl]),
            expected,
            fixture.Cluster.IssuerUrl["https://".Length..],
            Subject);

        Assert.Empty(fixture.Cluster.ApiServer.Requests);
        Assert.Empty(fixture.Cluster.Proxy.Requests);
    }

    [Fact]
    public async Task Without_an_issuer_the_API_server_is_asked() => Expect.Done(
        await fixture.Cluster.RunAsync("oidc", ["trust", "--subject", Subject, "--cloud", "azure", "--kubeconfig", fixture.Cluster.Kubeconfig("oidc")]),
        $"--issuer '{fixture.Cluster.IssuerUrl}'");
}
