using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What is printed for the other side of a trust.</summary>
public sealed class TrustTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Subject = "system:serviceaccount:shop:reader";

    [Theory]
    [InlineData("azure", "commands", "az identity federated-credential create", "api://AzureADTokenExchange")]
    [InlineData("azure", "tofu", "resource \"azurerm_federated_identity_credential\"", "api://AzureADTokenExchange")]
    [InlineData("aws", "commands", "aws iam create-open-id-connect-provider", "sts.amazonaws.com")]
    [InlineData("aws", "tofu", "resource \"aws_iam_openid_connect_provider\"", "sts.amazonaws.com")]
    [InlineData("gcp", "commands", "gcloud iam workload-identity-pools providers create-oidc", "")]
    [InlineData("gcp", "tofu", "resource \"google_iam_workload_identity_pool_provider\"", "")]
    [Trait("ApiServer", "own")]
    public async Task Each_cloud_gets_its_commands_and_its_configuration_and_nothing_is_called(string cloud, string output, string expected, string audience)
    {
        fixture.Cluster.ApiServer.ForgetRequests();
        var printed = Expect.Done(await TrustAsync("--cloud", cloud, "--output", output, "--issuer", fixture.Cluster.IssuerUrl), Subject, audience).StandardOutput;

        Assert.Contains(expected, printed, StringComparison.Ordinal);
        Assert.Contains(fixture.Cluster.IssuerUrl["https://".Length..], printed, StringComparison.Ordinal);
        Assert.Contains(Subject, printed, StringComparison.Ordinal);
        Assert.Empty(fixture.Cluster.ApiServer.Requests);
        Assert.Empty(fixture.Cluster.Proxy.Requests);
    }

    [Theory]
    [InlineData("azure", "api://AzureADTokenExchange")]
    [InlineData("aws", "sts.amazonaws.com")]
    [InlineData("gcp", null)]
    public async Task Scripts_get_the_parts_as_JSON(string cloud, string? audience)
    {
        var json = JsonNode.Parse(Expect.Done(await TrustAsync("--cloud", cloud, "--output", "json", "--issuer", fixture.Cluster.IssuerUrl)).StandardOutput)!;

        Assert.Equal((cloud, fixture.Cluster.IssuerUrl, Subject), ((string?)json["cloud"], (string?)json["issuer"], (string?)json["subjects"]!.AsArray().Single()));
        Assert.Equal(audience, (string?)json["audience"]);
    }

    [Fact]
    public async Task An_audience_of_one_s_own_takes_the_place_of_the_cloud_s() =>
        Assert.Contains(
            "https://sts.example.com",
            Expect.Done(await TrustAsync("--cloud", "aws", "--audience", "https://sts.example.com", "--issuer", fixture.Cluster.IssuerUrl)).StandardOutput,
            StringComparison.Ordinal);

    [Fact]
    public async Task Without_an_issuer_the_API_server_is_asked()
    {
        Expect.Done(await TrustAsync("--cloud", "azure", "--kubeconfig", fixture.Cluster.Kubeconfig("oidc")), $"--issuer '{fixture.Cluster.IssuerUrl}'");
        Assert.Empty(fixture.Cluster.Proxy.Requests);
    }

    [Fact]
    public async Task Every_fault_of_the_settings_is_told_at_once() => Expect.Exit(
        Expect.Usage,
        await TrustAsync("--cloud", "oracle", "--issuer", "http://example.com"),
        "--cloud must be azure, aws or gcp, not 'oracle'",
        "--issuer is not an https:// URL");

    [Fact]
    public async Task What_the_cloud_would_refuse_is_refused_before_anything_is_printed()
    {
        var longest = $"system:serviceaccount:platform:{new string('a', 100)}";
        Expect.Exit(
            Expect.Usage,
            await TrustAsync("--cloud", "gcp", "--issuer", "https://localhost/a", "--audience", "a,b", "--subject", longest),
            "--issuer has the host localhost, a private name that no cloud can reach",
            "--audience must be a URI or a name",
            "which is 131 bytes; Google Cloud accepts a subject of at most 127");
    }

    private async Task<Output> TrustAsync(params string[] arguments)
    {
        await using var job = fixture.Cluster.Job("oidc");
        return await job.RunAsync(["trust", "--subject", Subject, .. arguments]);
    }
}
