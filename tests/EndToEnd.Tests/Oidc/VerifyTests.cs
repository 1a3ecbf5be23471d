using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

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
    public async Task A_dropped_dot_folder_is_told_with_its_cause()
    {
        await Cluster.Repository.CommitAsync("main", "Build by Jekyll", [GitChange.Delete(".nojekyll")]);

        Expect.Exit(Expect.Failed, await VerifyAsync(), "is not there (404)", "a missing .nojekyll", "include-hidden-files: true");
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_stale_cache_is_told_with_the_seconds_it_has_left()
    {
        Cluster.Pages.CdnCache = true;
        Expect.Done(await VerifyAsync());
        Cluster.ApiServer.Keys.Announce();
        await PublishedAsync();

        Expect.Exit(Expect.Failed, await VerifyAsync(), "perhaps because a cache still serves an earlier copy", "more seconds");
        Cluster.Pages.PurgeCache();
        Expect.Done(await VerifyAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_key_that_is_not_published_is_told()
    {
        var added = Cluster.ApiServer.Keys.Announce();

        Expect.Exit(Expect.Failed, await VerifyAsync(), $"lacks '{added.KeyId}'", "oidc publish");
    }

    [Fact]
    public async Task Another_issuer_is_told_by_the_character()
    {
        var (expected, other) = (Cluster.IssuerUrl, Cluster.IssuerUrl[..^3] + 'ß' + Cluster.IssuerUrl[^2..]);
        var discovery = await ReadAsync(DiscoveryPath);
        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string>
        {
            [DiscoveryPath] = discovery.Replace($"\"{expected}\"", $"\"{other}\"", StringComparison.Ordinal),
        });

        Expect.Exit(Expect.Refused, await VerifyAsync(), $"they differ at character {expected.Length - 2}: expected '{expected[^3..]}'", "clouds refuse it");
    }

    [Fact]
    public async Task A_redirect_within_the_host_is_followed_and_one_to_another_host_is_not()
    {
        Cluster.Pages.OnRequest = context =>
        {
            if (context.Request.Path.Value!.EndsWith("/openid/v1/jwks", StringComparison.Ordinal))
            {
                context.Request.Path = context.Request.Path.Value[..^"/v1/jwks".Length];
            }

            return Task.CompletedTask;
        };
        await Cluster.Repository.CommitAsync("main", "Move", [GitChange.Delete(JwksPath), GitChange.File(InFolder("openid/index.html"), await ReadAsync(JwksPath))]);
        Expect.Done(await VerifyAsync());

        Cluster.Pages.OnRequest = null;
        Cluster.Pages.AddSite(Cluster.SiteRepository, Cluster.Repository, customDomain: "oidc.example.com");
        Expect.Exit(Expect.Failed, await VerifyAsync(), $"redirects to https://oidc.example.com/{DiscoveryPath}, which is on another host and which clouds do not follow");
    }

    [Theory]
    [InlineData("<html><title>Maintenance</title></html>", "is HTML or XML, not JSON")]
    [InlineData("{\"issuer\":", "is truncated")]
    [InlineData("{}", "has no issuer")]
    public async Task Something_else_in_its_place_is_told(string content, string sentence)
    {
        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { [DiscoveryPath] = content });

        Expect.Exit(Expect.Failed, await VerifyAsync(), sentence);
    }

    [Theory]
    [InlineData(401, "it must be open to everybody")]
    [InlineData(503, "was answered with 503; try again later")]
    public async Task A_site_that_does_not_serve_is_told(int status, string sentence)
    {
        Cluster.Pages.Faults.Next(new Fault.Status(status, Body: "no", ContentType: "text/plain"), 3);

        Expect.Exit(Expect.Failed, await VerifyAsync(), sentence);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_token_for_another_audience_or_an_expired_one_is_told()
    {
        Expect.Done(await VerifyAsync("--verify-token-file", Cluster.FederatedTokenFile, "--audience", "api://AzureADTokenExchange"), "for api://AzureADTokenExchange is accepted");
        Expect.Exit(
            Expect.Failed,
            await VerifyAsync("--verify-token-file", Cluster.FederatedTokenFile, "--audience", "sts.amazonaws.com"),
            "The token is for api://AzureADTokenExchange and not for 'sts.amazonaws.com'");

        var expired = Cluster.Folder.Write("expired", Cluster.ApiServer.IssueToken(SandboxCluster.Namespace, "certsync", null, TimeSpan.FromHours(-1)));
        Expect.Exit(Expect.Failed, await VerifyAsync("--verify-token-file", expired), "The token expired at ");
        Expect.Exit(Expect.Usage, await VerifyAsync("--verify-token-file", Cluster.Folder.Write("garbage", "abc")), "no ServiceAccount token");
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_fresh_token_of_a_ServiceAccount_needs_exactly_one_rule_which_is_told()
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

    [Fact]
    public async Task A_site_that_cannot_be_reached_is_told()
    {
        Cluster.Routes.Remove(SiteHost);

        Expect.Exit(Expect.Failed, await VerifyAsync(), $"The proxy refused the connection to {SiteHost}: check HTTPS_PROXY and NO_PROXY");
    }

    private Task<Output> VerifyAsync(params string[] more) => Cluster.OidcAsync("verify", more);
}
