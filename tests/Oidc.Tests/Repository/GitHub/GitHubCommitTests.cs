using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubCommitTests : GitHubTest
{
    [Fact]
    public async Task All_files_land_in_one_commit_and_the_rest_of_the_tree_stays()
    {
        byte[] odd = [0, 0xFF, 0x80];
        var before = await Repository.CommitAsync("main", "Others", [GitChange.Symlink("deep/er/link", "x"), new GitChange("run.sh", "100755", odd)]);
        var tree = await Repository.TreeAsync("main");

        var result = await Open().PublishAsync(Request(Jwks, (".nojekyll", ""), ("index.html", "ü")));

        Assert.Equal((result.Sha, "main"), (Repository.Tip("main"), result.Branch));
        Assert.Equal([before], (await Repository.LogAsync("main"))[0].Parents);
        Assert.Equal(Jwks.Text, await Repository.ReadTextAsync("main", Jwks.Path));
        Assert.Equal("ü", await Repository.ReadTextAsync("main", "index.html"));
        Assert.Equal("", await Repository.ReadTextAsync("main", ".nojekyll"));
        Assert.Empty(tree.Except(await Repository.TreeAsync("main")));
        Assert.Equal("", await Repository.FsckAsync());
    }

    [Fact]
    public async Task The_commit_has_the_requested_message_and_author_and_without_an_author_github_s_own()
    {
        var request = Request(("b", "2"));

        var signed = await Open().PublishAsync(request);
        var own = await Open().PublishAsync(request with { Author = null });

        var who = $"Jörg Test <ci@example.com> {request.Author!.Time.ToUnixTimeSeconds()} +0000";
        Assert.EndsWith(
            $"\nauthor {who}\ncommitter {who}\n\nAdd a key\n\nAdded:\n- kid-ü", (await Repository.RunAsync(["cat-file", "commit", signed.Sha])).StandardOutput, StringComparison.Ordinal);
        Assert.Equal("octo-bot[bot] <bot@example.com>", (await Repository.LogAsync("main"))[0].Author);
        Assert.Equal(own.Sha, Repository.Tip("main"));
    }

    [Fact]
    public async Task A_branch_that_moved_or_is_gone_is_a_race_and_nothing_is_overwritten()
    {
        var repository = Open();
        var snapshot = await repository.ReadAsync();
        var theirs = await PushAsync("a", "2");

        await Assert.ThrowsAsync<RacedException>(() => repository.CommitAsync(snapshot, Jwks));
        await Assert.ThrowsAsync<RacedException>(() => repository.CommitAsync(snapshot with { Branch = "gone" }, Jwks));

        Assert.Equal(theirs, Repository.Tip("main"));
    }

    [Fact]
    public async Task A_branch_that_moves_at_the_last_moment_is_a_race_too()
    {
        string? theirs = null;
        Server.OnRequest = async context => theirs ??= IsMove(context.Request) ? await PushAsync("theirs", "2") : null;

        await Assert.ThrowsAsync<RacedException>(() => CommitAsync());

        Assert.NotNull(theirs);
        Assert.Equal(theirs, Repository.Tip("main"));
    }

    /// <summary>The move from the earlier commit would be a fast-forward, and bring back what the reset took away.</summary>
    [Fact]
    public async Task A_branch_that_was_reset_to_an_earlier_commit_stays_there()
    {
        var earlier = Repository.Tip("main");
        await PushAsync("rogue", "2");
        var repository = Open();
        var snapshot = await repository.ReadAsync();
        await ResetAsync(earlier);

        await Assert.ThrowsAsync<RacedException>(() => repository.CommitAsync(snapshot, Jwks));

        Assert.Equal(earlier, Repository.Tip("main"));
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
    public async Task A_lost_answer_makes_no_second_commit()
    {
        Server.Faults.Next(new Fault.Truncate(), when: IsMove);

        Assert.Equal((await CommitAsync()).Sha, Repository.Tip("main"));
        Assert.Single(Server.Requests, request => request.Method == "POST" && request.Path.EndsWith("/git/commits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_commit_counts_although_its_answer_is_lost_and_another_came_on_top()
    {
        Server.Faults.Next(new Fault.Truncate(), when: IsMove);
        var moves = 0;
        Server.OnRequest = context => IsMove(context.Request) && ++moves == 2 ? PushAsync("theirs", "2") : Task.CompletedTask;

        Assert.Equal([(await CommitAsync()).Sha], (await Repository.LogAsync("main"))[0].Parents);
        Assert.NotNull(await Repository.ReadTextAsync("main", "b"));
    }

    [Fact]
    public async Task Resets_and_server_errors_at_every_step_are_survived()
    {
        for (var run = 0; run < 20; run++)
        {
            Server.Faults.Rate(0.2, run, new Fault.Reset(), Fault.Unavailable(), new Fault.Truncate());
            var result = await Open().PublishAsync(Request(("b", $"{run}")));
            Server.Faults.Clear();
            Assert.Equal(result.Sha, Repository.Tip("main"));
        }

        Assert.Equal(21, (await Repository.LogAsync("main")).Count);
    }

    [Fact]
    public async Task A_connection_that_stays_broken_while_the_branch_is_to_move_is_a_race_and_the_branch_stays()
    {
        var tip = Repository.Tip("main");
        Server.Faults.Next(new Fault.Reset(), count: 12, when: IsMove);

        await Assert.ThrowsAsync<RacedException>(() => CommitAsync());

        Assert.Equal(tip, Repository.Tip("main"));
    }

    [Fact]
    public async Task An_empty_repository_gets_a_first_commit_and_then_the_files()
    {
        await ResetAsync();

        Assert.Equal((await Open().PublishAsync(Request(Jwks, (".nojekyll", ""), (Layout.DiscoveryPath, "{ }\n")))).Sha, Repository.Tip("main"));
        var commit = (await Repository.LogAsync("main"))[0];
        Assert.Equal("Add a key\n\nAdded:\n- kid-ü", commit.Message);
        Assert.Equal(Jwks.Text, await Repository.ReadTextAsync("main", Jwks.Path));
        Assert.Equal(".nojekyll", Assert.Single(await Repository.TreeAsync(Assert.Single(commit.Parents))).Path);
    }

    [Fact]
    public async Task A_missing_branch_is_created_without_history_on_request_and_only_once()
    {
        var options = Options with { Branch = "gh-pages", CreateBranch = true };
        var slower = Open(options);
        var snapshot = await slower.ReadAsync();

        var result = await CommitAsync(options);

        Assert.Equal((result.Sha, "gh-pages"), (Repository.Tip("gh-pages"), result.Branch));
        Assert.Empty(Assert.Single(await Repository.LogAsync("gh-pages")).Parents);
        Assert.Null(await Repository.ReadTextAsync("gh-pages", "a"));

        await Assert.ThrowsAsync<RacedException>(() => slower.CommitAsync(snapshot, Jwks));
        Assert.Equal(result.Sha, Repository.Tip("gh-pages"));
    }

    /// <summary>Which would be tried again and again as a race.</summary>
    [Fact]
    public Task A_branch_whose_name_continues_another_one_is_named_as_the_possible_cause() => Assert.FaultAsync(
        ExitCode.Failed,
        "The branch main/site was not created (GitHub answered 422: 'Reference update failed'): if a branch of the repository has a name that continues it with a '/', or that it continues, set another --branch",
        () => CommitAsync(Options with { Branch = "main/site", CreateBranch = true }));

    [Theory]
    [InlineData("Repository rule violations found\n\nCommits must have verified signatures.")]
    [InlineData("Protected branch update failed for refs/heads/main.")]
    public async Task A_rule_that_protects_the_branch_is_an_error_and_no_race(string rule)
    {
        Server.Rule = rule;

        var fault = await Assert.FaultAsync(ExitCode.Usage, "A rule protects the branch of octo/pages: allow this token or App to bypass the rule", () => CommitAsync());

        Assert.Contains(rule.Split('\n')[0], fault.Message, StringComparison.Ordinal);
    }

    /// <summary>GitHub's contents API, and the npm package emulate for a branch, answer with the status of a conflict.</summary>
    [Theory]
    [InlineData("PATCH", false)]
    [InlineData("PUT", true)]
    public async Task A_rule_that_is_answered_as_a_conflict_is_no_race_either(string method, bool isEmpty)
    {
        if (isEmpty)
        {
            await ResetAsync();
        }

        Server.Faults.Next(GitHubServer.Problem(409, "Protected branch update failed for refs/heads/main."), when: request => request.Method == method);

        await Assert.FaultAsync(ExitCode.Usage, "A rule protects the branch of octo/pages", () => CommitAsync());
    }

    [Fact]
    public async Task A_refusal_of_the_first_commit_that_only_mentions_a_sha_is_no_race()
    {
        await ResetAsync();
        Server.Faults.Next(GitHubServer.Problem(422, "The sha of the content is not allowed."), when: static request => request.Method == "PUT");

        await Assert.FaultAsync(ExitCode.Usage, "GitHub refused the request for octo/pages", () => CommitAsync());
    }

    private static bool IsMove(HttpRequest request) => request.Method == "PATCH";
}
