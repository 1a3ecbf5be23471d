namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubCommitTests(GitHost host) : GitHubTest(host)
{
    [Fact]
    public async Task A_commit_without_an_author_has_GitHubs_own()
    {
        await Open().PublishAsync(TestRepository.Request(("b", "2")) with { Author = null });
        Assert.Equal("octo-bot[bot] <bot@example.com>", (await Repository.LogAsync("main"))[0].Author);
    }

    [Fact]
    public async Task The_default_branch_is_looked_up_unless_one_is_configured()
    {
        Server.DefaultBranch = "trunk";
        var trunk = await PushAsync("a", "1", "trunk");
        var other = await PushAsync("a", "2", "feature/pages");
        Assert.Equal(trunk, (await ReadAsync()).Tip);
        Assert.Equal(other, (await ReadAsync(Options with { Branch = "feature/pages" })).Tip);
        await Assert.FaultAsync(
            ExitCode.Usage,
            "There is no branch gh-pages in octo/pages, whose default branch is trunk: correct --branch, or create it with --create-branch.",
            () => ReadAsync(Options with { Branch = "gh-pages" }));
    }

    [Fact]
    public async Task The_api_of_an_enterprise_server_has_a_path_of_its_own()
    {
        await using var enterprise = new GitHubServer(CertificateAuthority.OfProcess, Repository, "octo/pages", "/api/v3/");
        await enterprise.StartAsync();
        Assert.Equal(Tip, (await ReadAsync(Options with { ApiUrl = new Uri(enterprise.LoopbackAddress, "/api/v3"), Token = enterprise.Token })).Tip);
        Assert.All(enterprise.Requests, request => Assert.StartsWith("/api/v3/repos/octo/pages", request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_branch_that_moves_at_the_last_moment_is_a_race_and_nothing_is_overwritten()
    {
        string? theirs = null;
        Server.OnRequest = async context => theirs ??= IsMove(context.Request) ? await PushAsync("theirs", "2") : null;
        await Assert.ThrowsAsync<RacedException>(() => CommitAsync());
        Assert.NotNull(theirs);
        Assert.Equal(theirs, Repository.Tip("main"));
    }

    [Theory]
    [InlineData("Reference cannot be updated"), InlineData("Reference update failed"), InlineData("Object does not exist")]
    public async Task A_branch_that_GitHub_cannot_move_at_the_moment_is_a_race_that_quotes_it(string message)
    {
        Server.Faults.Next(GitHubServer.Problem(422, message), when: IsMove);
        var raced = await Assert.ThrowsAsync<RacedException>(() => CommitAsync());
        Assert.Contains($"(GitHub answered 422: '{message}')", raced.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_stays_broken_while_the_branch_is_to_move_is_a_race_and_the_branch_stays()
    {
        Server.Faults.Next(new Fault.Reset(), count: 12, when: IsMove);
        await Assert.ThrowsAsync<RacedException>(() => CommitAsync());
        Assert.Equal(Tip, Repository.Tip("main"));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_commit_whose_answer_is_lost_counts_once_although_another_came_on_top(bool another)
    {
        Server.Faults.Next(new Fault.Truncate(), when: IsMove);
        var moves = 0;
        Server.OnRequest = context => another && IsMove(context.Request) && ++moves == 2 ? PushAsync("theirs", "2") : Task.CompletedTask;
        var result = await CommitAsync();
        var log = await Repository.LogAsync("main");
        Assert.Equal((another ? 3 : 2, result.Sha), (log.Count, log[^2].Sha));
        Assert.Single(Server.Requests, request => request.Method == "POST" && request.Path.EndsWith("/git/commits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resets_and_server_errors_at_every_step_are_survived()
    {
        for (var run = 0; run < 20; run++)
        {
            Server.Faults.Rate(0.2, run, new Fault.Reset(), Fault.Unavailable(), new Fault.Truncate());
            var result = await Open().PublishAsync(TestRepository.Request(("b", $"{run}")));
            Server.Faults.Clear();
            Assert.Equal(result.Sha, Repository.Tip("main"));
        }

        Assert.Equal(21, (await Repository.LogAsync("main")).Count);
    }

    /// <summary>Which would be tried again and again as a race.</summary>
    [Fact]
    public Task A_branch_whose_name_continues_another_one_is_named_as_the_possible_cause() => Assert.FaultAsync(
        ExitCode.Failed,
        "The branch main/site was not created (GitHub answered 422: 'Reference update failed'): if a branch of the repository has a name that continues it with a '/', or that it continues, set another --branch",
        () => CommitAsync(Options with { Branch = "main/site", CreateBranch = true }));

    [Theory]
    [InlineData("Repository rule violations found\n\nCommits must have verified signatures.")]
    [InlineData("Required status check \"build\" is expected.")]
    [InlineData("Protected branch update failed for refs/heads/main.")]
    public async Task A_rule_that_protects_the_branch_is_an_error_and_no_race(string rule)
    {
        Server.Rule = rule;
        var fault = await Assert.FaultAsync(ExitCode.Usage, "A rule protects the branch of octo/pages: allow this token or App to bypass the rule", () => CommitAsync());
        Assert.Contains(rule.Split('\n')[0], fault.Message, StringComparison.Ordinal);
    }

    /// <summary>GitHub's contents API (PUT), and the npm package emulate for a branch, answer to a rule with the status of a conflict.</summary>
    [Theory]
    [InlineData("PATCH", 409, "Protected branch update failed for refs/heads/main.", "A rule protects the branch of octo/pages")]
    [InlineData("PUT", 409, "Protected branch update failed for refs/heads/main.", "A rule protects the branch of octo/pages")]
    [InlineData("PUT", 422, "The sha of the content is not allowed.", "GitHub refused the request for octo/pages")]
    public async Task A_refusal_that_is_answered_as_a_race_is_no_race(string method, int status, string message, string sentence)
    {
        Repository.Reset("main", method == "PUT" ? null : Tip);
        Server.Faults.Next(GitHubServer.Problem(status, message), when: request => request.Method == method);
        await Assert.FaultAsync(ExitCode.Usage, sentence, () => CommitAsync());
    }

    private static bool IsMove(HttpRequest request) => request.Method == "PATCH";
}
