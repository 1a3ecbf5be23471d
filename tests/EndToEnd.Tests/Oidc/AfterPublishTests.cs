using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>The look from outside after a publish: the commit is made, so only what a person must cure fails the run.</summary>
public sealed class AfterPublishTests : OidcTest
{
    [Fact]
    public async Task A_delayed_deployment_is_waited_for()
    {
        Cluster.Site.PublishDelay = TimeSpan.FromSeconds(3);

        Expect.Done(await LookAsync("10m"), $"{Cluster.IssuerUrl} is served as published");
    }

    [Fact]
    public async Task Where_nothing_changed_the_site_is_looked_at_once_with_one_request_per_document()
    {
        Expect.Done(await LookAsync("10m"));
        Cluster.Pages.ForgetRequests();

        Expect.Done(await LookAsync("10m"), "nothing to publish", $"{Cluster.IssuerUrl} is served as published");
        Assert.Equal(2, Cluster.Pages.Requests.Count);

        Cluster.Pages.RemoveSite(Cluster.SiteRepository);
        Expect.Exit(Expect.Failed, await LookAsync("10m"), "but the public URL does not serve it", "is not there (404)");
    }

    [Fact]
    public async Task What_is_not_served_when_the_time_is_up_fails_the_run_although_the_commit_stands()
    {
        Cluster.Pages.RemoveSite(Cluster.SiteRepository);

        Expect.Exit(Expect.Failed, await LookAsync("2s"), "but the public URL does not serve it", "is not there (404)");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    public async Task Wrong_content_when_the_time_is_up_fails_the_run()
    {
        var other = await Cluster.Repositories.CreateAsync("another/site");
        await other.CommitAsync("main", "Other", [GitChange.File(".nojekyll", ""), GitChange.File(DiscoveryPath, "<html><title>Other</title></html>")]);
        Cluster.Pages.AddSite(Cluster.SiteRepository, other);

        Expect.Exit(Expect.Failed, await LookAsync("2s"), "is HTML or XML, not JSON");
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_cache_that_is_stale_when_the_time_is_up_is_a_warning()
    {
        Cluster.Pages.CdnCache = true;
        Expect.Done(await LookAsync("10m"));
        Cluster.ApiServer.Keys.Announce();

        Expect.Done(await LookAsync("2s"), "is not confirmed to be served as published yet", "perhaps because a cache still serves an earlier copy");
        Assert.Equal(2, await CommitsAsync());
    }

    [Fact]
    public async Task A_site_that_this_pod_cannot_reach_is_a_warning_long_before_the_timeout()
    {
        Cluster.Routes.Remove(SiteHost);

        Expect.Done(await LookAsync("3h"), "is not confirmed to be served as published yet", $"The proxy refused the connection to {SiteHost}");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_name_that_does_not_resolve_is_a_warning_long_before_the_timeout()
    {
        const string Issuer = "https://oidc.does-not-resolve.invalid";
        Cluster.ApiServer.Issuer.Issuer = Issuer;
        Cluster.RenewTokens();
        await using var job = Cluster.Job("oidc");
        job.Environment.Remove("HTTPS_PROXY");

        Expect.Done(
            await job.RunAsync(["publish", .. Cluster.OidcArguments().Select(argument => argument == Cluster.IssuerUrl ? Issuer : argument), "--verify-timeout", "3h"], timeout: TimeSpan.FromMinutes(10)),
            "is not confirmed to be served as published yet",
            "oidc.does-not-resolve.invalid");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    public async Task A_site_in_trouble_is_a_warning()
    {
        Cluster.Pages.Faults.Rate(1, 1, new Fault.Status(503, Body: "no", ContentType: "text/plain"));

        Expect.Done(await LookAsync("3m"), "is not confirmed to be served as published yet", "was answered with 503");
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Entra_ID_refuses_tokens_of_a_rotated_key_before_and_accepts_them_straight_after_the_publish()
    {
        Expect.Done(await LookAsync("10m"));
        Assert.Null(await SignInAsync());
        Cluster.ApiServer.Keys.Rotate(SigningAlgorithm.RS256);
        Cluster.RenewTokens();

        Assert.Contains("AADSTS", await SignInAsync(), StringComparison.Ordinal);
        Expect.Done(await LookAsync("10m"), "is served as published");
        Assert.Null(await SignInAsync());
    }

    private Task<Output> LookAsync(string timeout) => Cluster.OidcAsync("publish", "--verify-timeout", timeout);

    /// <summary>Signs in to Entra ID with the federated token; null when it is let in, else the answer.</summary>
    private async Task<string?> SignInAsync()
    {
        using var client = new HttpClient(Cluster.Routes.CreateHandler(Cluster.Authority));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = Cluster.Identity.ClientId,
            ["scope"] = "https://vault.azure.net/.default",
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = await File.ReadAllTextAsync(Cluster.FederatedTokenFile),
        });
        using var answer = await client.PostAsync(new Uri($"https://login.microsoftonline.com/{SandboxCluster.TenantId}/oauth2/v2.0/token"), form);
        return answer.IsSuccessStatusCode ? null : await answer.Content.ReadAsStringAsync();
    }
}
