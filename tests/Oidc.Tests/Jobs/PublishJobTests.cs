namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>Every way a publication can go.</summary>
public sealed class PublishJobTests : JobTest
{
    [Fact]
    public async Task The_first_run_commits_and_sees_it_served_and_the_next_looks_with_one_request_per_document()
    {
        var first = await PublishAsync();
        Assert.Equal(ExitCode.Done, first.ExitCode);
        Assert.Contains("published commit 00000001 on main", first.Message, StringComparison.Ordinal);
        Assert.Equal([Kid(0)], PublishedKids());
        AssertLogged("Information Visible");
        Assert.Equal(2, Pages.Requests.Count);
        Pages.Requests.Clear();
        var next = await PublishAsync();
        Assert.Equal((ExitCode.Done, 1), (next.ExitCode, Repository.Commits.Count));
        Assert.Contains("nothing to publish", next.Message, StringComparison.Ordinal);
        Assert.Equal(["/cluster-a/.well-known/openid-configuration", "/cluster-a/openid/v1/jwks"], Pages.Requests.Select(request => request.AbsolutePath));
    }

    [Fact]
    public async Task Another_key_on_the_site_than_in_the_repository_is_refused()
    {
        await PublishAsync();
        AnswerFor("/jwks", HttpStatusCode.OK, Bytes(JwksOf(RsaKey(0), RsaKey(3))));
        var result = await PublishAsync();
        Assert.Equal(ExitCode.Refused, result.ExitCode);
        Assert.Contains(Kid(3), Assert.Single(result.Failures).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_writes_nothing_and_asks_for_nothing()
    {
        var plan = await PublishAsync("plan");
        Assert.Equal(ExitCode.Done, plan.ExitCode);
        Assert.Contains("would commit: Add a key", plan.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.ChangesPending, (await PublishAsync("plan", detailedExitCode: true)).ExitCode);
        Assert.Empty(Repository.Commits);
        Assert.Empty(Pages.Requests);
        await PublishAsync();
        Assert.Equal(ExitCode.Done, (await PublishAsync("plan", detailedExitCode: true)).ExitCode);
    }

    [Fact]
    public async Task A_lost_race_is_planned_anew_and_too_many_fail_the_run()
    {
        Put("CNAME", Encoding.UTF8.GetBytes("oidc.example.com\n"));
        Cluster.Signing = null;
        Repository.Races = 5;
        Assert.Equal(ExitCode.Done, (await PublishAsync()).ExitCode);
        Assert.Equal(6, Repository.Reads);
        Assert.Single(Log.Entries, static entry => entry.Contains("moves the site to", StringComparison.Ordinal));
        Assert.Single(Log.Entries, static entry => entry.Contains("ProofMissing", StringComparison.Ordinal));
        Cluster.Keys = [0, 1];
        Repository.Races = 6;
        Assert.Equal(ExitCode.Failed, (await Assert.ThrowsAsync<RacedException>(() => PublishAsync())).ExitCode);
        Assert.Single(Repository.Commits);
    }

    [Fact]
    public Task A_token_that_would_not_be_accepted_keeps_everything_as_it_is()
    {
        Cluster.Signing = 2;
        return RefusesAsync(ExitCode.Refused, "is not valid against the documents to publish");
    }

    [Fact]
    public async Task Without_a_token_the_missing_proof_is_reported()
    {
        Cluster.Signing = null;
        await PublishKeysAsync(0);
        AssertLogged("Warning ProofMissing");
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_stop_while_the_repository_is_read_or_that_a_commit_outlasts_ends_the_run(bool isCommitting)
    {
        using var stop = new CancellationTokenSource();
        Repository.OnRead = isCommitting ? Repository.OnRead : stop.Cancel;
        Repository.OnCommit = async grace =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, grace);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PublishAsync(stopping: stop.Token));
        Assert.Empty(Repository.Commits);
    }

    [Fact]
    public async Task A_stop_during_the_commit_lets_it_land_and_claims_nothing_about_the_site()
    {
        using var stop = new CancellationTokenSource();
        Clock.IsFrozen = true;
        Repository.OnCommit = async _ => await stop.CancelAsync();
        var result = await PublishAsync(stopping: stop.Token);
        Assert.Single(Repository.Commits);
        Assert.Contains("published commit", result.Message, StringComparison.Ordinal);
        Assert.Empty(Pages.Requests);
        Assert.DoesNotContain(Log.Entries, entry => entry.Contains("served as published", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plan"), InlineData("publish")]
    public async Task Findings_about_the_API_servers_and_the_repository_are_logged(string command)
    {
        Cluster.Change = static issuer => issuer with { Warnings = ["a warning"], Notices = ["a notice"] };
        Put("CNAME", Encoding.UTF8.GetBytes("oidc.example.com\n"));
        Repository.Workflows[".github/workflows/pages.yml"] = Encoding.UTF8.GetBytes("on: push\njobs: {build: {steps: [{uses: actions/jekyll-build-pages@v1}]}}\n");
        await PublishAsync(command);
        AssertLogged("Warning IssuerWarning: a warning");
        AssertLogged("Information IssuerNotice: a notice");
        AssertLogged("moves the site to 'oidc.example.com'");
        AssertLogged("Jekyll leaves dot-folders out");
    }

    [Theory]
    [InlineData("https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF", "served by EKS already")]
    [InlineData("https://westeurope.oic.prod-aks.azure.com/0000/1111/", "served by AKS already")]
    [InlineData("https://container.googleapis.com/v1/projects/p/locations/l/clusters/c", "served by GKE already")]
    [InlineData("https://my-bucket.s3.eu-central-1.amazonaws.com", "an S3 bucket, as kOps and OpenShift make")]
    [InlineData("https://europe-west1-gkemulticloud.googleapis.com/v1/projects/1/locations/europe-west1/attachedClusters/a", "served by GKE already")]
    [InlineData("https://storage.googleapis.com/my-bucket", "a bucket of Google Cloud Storage")]
    [InlineData("https://cp.example.com:6443", "is the API server's own address (as Talos and kOps set it by default)")]
    [InlineData("https://10.0.0.1:6443", "is the API server's own address")]
    public async Task An_issuer_that_no_repository_serves_is_answered_with_what_to_do(string issuer, string sentence)
    {
        Cluster.Change = served => served with { Discovery = served.Discovery with { Issuer = issuer }, ApiServerHosts = ["10.96.0.1", "cp.example.com"] };
        await RefusesAsync(ExitCode.Usage, sentence, "plan");
        await RefusesAsync(ExitCode.Usage, "oidc trust", "plan");
    }

    [Fact]
    public async Task A_rogue_key_is_named_with_the_commit_that_added_it()
    {
        await PublishAsync();
        PutKeys(RsaKey(0), RsaKey(3));
        await RefusesAsync(ExitCode.Refused, $"'{Kid(3)}' (commit 0123abcd), and it is not in the state file");
        Repository.Introduction = new CommitReference("0123abcd", IsExact: false);
        await RefusesAsync(ExitCode.Refused, "(at or before commit 0123abcd)");
        Repository.Introduction = null;
        await RefusesAsync(ExitCode.Refused, "(at or before commit 00000001)", "plan");
        Drop(3);
        Assert.Equal(ExitCode.Done, (await PublishAsync()).ExitCode);
        Assert.Equal([Kid(0)], PublishedKids());
    }

    [Theory]
    [InlineData("https://oidc.corp/a", "has the host oidc.corp, a private name that no cloud can reach")]
    [InlineData("https://oidc.example.com:8443/a", "has a port, which AWS IAM does not accept")]
    public async Task An_issuer_that_a_cloud_refuses_is_published_with_one_warning(string issuer, string sentence)
    {
        Cluster.Signing = null;
        Cluster.Change = served => served with { Discovery = served.Discovery with { Issuer = issuer, JwksUri = issuer + IssuerUrl.JwksPath } };
        await PublishAsync("plan");
        Assert.Single(Log.Entries, entry => entry.Contains($"The issuer '{issuer}' {sentence}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(48), InlineData(-48)]
    public async Task A_node_with_a_wrong_clock_neither_ends_a_retention_nor_blocks_other_nodes(int hours)
    {
        var hour = 0;
        Cluster.Change = issuer => issuer with { ServedAt = Start.AddHours(hour) };
        await PublishKeysAsync(0, 1);
        foreach (var wrong in new[] { 0, hours, 0 })
        {
            hour++;
            Clock.Now = Start.AddHours(hour + wrong);
            await PublishKeysAsync(0);
            Assert.Equal(new[] { Kid(0), Kid(1) }.Order(), PublishedKids().Order());
        }

        hour = 25;
        await PublishAsync();
        Assert.Equal([Kid(0)], PublishedKids());
    }
}
