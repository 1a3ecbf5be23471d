using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>The published issuer as a cloud sees it, each fault with its cause and its cure.</summary>
public sealed class VerifyTests : OidcTest
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await PublishedAsync();
    }

    [Fact]
    public async Task All_is_well_and_content_type_and_age_are_reported()
    {
        var output = Expect.Done(
            await VerifyAsync(),
            $"{Cluster.IssuerUrl}/.well-known/openid-configuration is served with 200 as application/octet-stream, 0 s old and cached for 600 s",
            Cluster.Kubernetes.SigningKeys.Count == 1 ? "1 expected key is there" : $"{Cluster.Kubernetes.SigningKeys.Count} expected keys are there",
            $"a token of system:serviceaccount:{Cluster.JobsNamespace}:{Cluster.Kubernetes.AccountOf("oidc")} for",
            "is accepted");
        Assert.Equal([SiteHost], Cluster.Proxy.HostsAsked);
        Assert.All(Cluster.Pages.Requests, request => Assert.Null(request.Authorization));
        Assert.Contains("CHECK", output.StandardOutput, StringComparison.Ordinal);

        var json = JsonNode.Parse(Expect.Done(await VerifyAsync("--output", "json")).StandardOutput)!;
        Assert.Equal(["discovery document", "key set", "token"], json["checks"]!.AsArray().Select(check => check!["subject"]!.GetValue<string>()));
        Assert.All(json["checks"]!.AsArray(), check => Assert.Equal("ok", check!["result"]!.GetValue<string>()));
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_missing_right_to_a_fresh_token_is_reported_with_the_one_rule_it_needs()
    {
        string[] arguments = ["--verify-service-account", "clustertrust/certsync", "--audience", "sts.amazonaws.com"];

        Expect.Exit(
            Expect.Usage,
            await VerifyAsync(arguments),
            "may not create serviceaccounts/token in namespace clustertrust",
            "add verb \"create\" on resource \"serviceaccounts/token\" of the core API group (\"\") to a Role in namespace clustertrust");

        Cluster.ApiServer.Rbac.Grant(
            Subject.ServiceAccount(SandboxCluster.Namespace, "oidc"), SandboxCluster.Namespace, PolicyRule.For("", "serviceaccounts/token", "create").Named("certsync"));
        Expect.Done(await VerifyAsync(arguments), "a token of system:serviceaccount:clustertrust:certsync for sts.amazonaws.com is accepted");
    }

    private Task<Output> VerifyAsync(params string[] more) => Cluster.OidcAsync("verify", more);
}
