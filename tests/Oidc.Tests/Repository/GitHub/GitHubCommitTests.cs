using LibGit2Sharp;
using Microsoft.AspNetCore.Http;
using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubCommitTests : GitHubTest
{
    [Fact]
    public async Task All_files_land_in_one_commit_and_the_rest_of_the_tree_stays()
    {
        byte[] odd = [0, 0xFF, 0x80];
        Server.Store.Push((tree, objects) =>
        {
            tree.Add("deep/er/link", GitHubStore.Blob(objects, "x"u8.ToArray()), Mode.SymbolicLink);
            tree.Add("run.sh", GitHubStore.Blob(objects, odd), Mode.ExecutableFile);
        });
        var before = Server.Store.Tip();

        var result = await Open().PublishAsync(Request(Jwks, (".nojekyll", ""), ("index.html", "ü")));

        var commit = Server.Store.Commit(result.Sha);
        Assert.Equal((result.Sha, "main"), (Server.Store.Tip(), result.Branch));
        Assert.Equal(before, Assert.Single(commit.Parents).Sha);
        Assert.Equal(Jwks.Text, Encoding.UTF8.GetString(Server.Store.Read(Jwks.Path)!));
        Assert.Equal("ü", Encoding.UTF8.GetString(Server.Store.Read("index.html")!));
        Assert.Equal([], Server.Store.Read(".nojekyll")!);
        Assert.Equal(Mode.SymbolicLink, commit["deep/er/link"].Mode);
        Assert.Equal(Mode.ExecutableFile, commit["run.sh"].Mode);
        Assert.Equal(odd, Server.Store.Read("run.sh"));
    }

    [Fact]
    public async Task The_commit_has_the_requested_message_and_author_and_without_an_author_github_s_own()
    {
        var request = Request(("b", "2"));

        var commit = Server.Store.Commit((await Open().PublishAsync(request)).Sha);

        Assert.Equal("Add a key\n\nAdded:\n- kid-ü", commit.Message);
        Assert.Equal(("Jörg Test", "ci@example.com", request.Author!.Time), (commit.Author.Name, commit.Author.Email, commit.Author.When));
        Assert.Equal(commit.Author, commit.Committer);
        Assert.Equal("octo-bot[bot]", Server.Store.Commit((await Open().PublishAsync(request with { Author = null })).Sha).Author.Name);
    }

    [Fact]
    public async Task A_branch_that_moved_or_is_gone_is_a_race_and_nothing_is_overwritten()
    {
        var repository = Open();
        var snapshot = await repository.ReadAsync();
        var theirs = Server.Store.Push("a", "2");

        await Assert.ThrowsAsync<RacedException>(() => repository.CommitAsync(snapshot, Jwks));
        await Assert.ThrowsAsync<RacedException>(() => repository.CommitAsync(snapshot with { Branch = "gone" }, Jwks));

        Assert.Equal(theirs, Server.Store.Tip());
    }

    [Fact]
    public async Task A_branch_that_moves_at_the_last_moment_is_a_race_too()
    {
        string? theirs = null;
        Server.OnRequest = context =>
        {
            theirs ??= IsMove(context.Request) ? Server.Store.Push("theirs", "2") : null;
            return Task.CompletedTask;
        };

        await Assert.ThrowsAsync<RacedException>(() => CommitAsync());

        Assert.NotNull(theirs);
        Assert.Equal(theirs, Server.Store.Tip());
    }

    /// <summary>The move from the earlier commit would be a fast-forward, and bring back what the reset took away.</summary>
    [Fact]
    public async Task A_branch_that_was_reset_to_an_earlier_commit_stays_there()
    {
        var earlier = Server.Store.Push("a", "1");
        Server.Store.Push("rogue", "2");
        var repository = Open();
        var snapshot = await repository.ReadAsync();
        Server.Store.Reset(earlier);

        await Assert.ThrowsAsync<RacedException>(() => repository.CommitAsync(snapshot, Jwks));

        Assert.Equal(earlier, Server.Store.Tip());
    }

    [Theory]
    [InlineData("Reference cannot be updated")]
    [InlineData("Reference update failed")]
    [InlineData("Object does not exist")]
    public async Task A_branch_that_GitHub_cannot_move_at_the_moment_is_a_race_that_quotes_it(string message)
    {
        Server.Faults.Next(new Fault.Status(422, Body: message), when: IsMove);

        var raced = await Assert.ThrowsAsync<RacedException>(() => CommitAsync());

        Assert.Contains($"(GitHub answered 422: '{message}')", raced.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_answer_makes_no_second_commit()
    {
        Server.Faults.Next(new Fault.Truncate(), when: IsMove);

        var result = await CommitAsync();

        Assert.Equal(result.Sha, Server.Store.Tip());
        Assert.Single(Server.Requests, request => request.Method == "POST" && request.Path.EndsWith("/git/commits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_commit_counts_although_its_answer_is_lost_and_another_came_on_top()
    {
        Server.Faults.Next(new Fault.Truncate(), when: IsMove);
        var moves = 0;
        Server.OnRequest = context =>
        {
            if (IsMove(context.Request) && ++moves == 2)
            {
                Server.Store.Push("theirs", "2");
            }

            return Task.CompletedTask;
        };

        var result = await CommitAsync();

        Assert.Equal(result.Sha, Server.Store.Commit(Server.Store.Tip()!).Parents.Single().Sha);
        Assert.NotNull(Server.Store.Read("b"));
    }

    [Fact]
    public async Task Resets_and_server_errors_at_every_step_are_survived()
    {
        for (var run = 0; run < 20; run++)
        {
            Server.Faults.Rate(0.2, run, new Fault.Reset(), Fault.Unavailable(), new Fault.Truncate());
            var result = await Open().PublishAsync(Request(("b", $"{run}")));
            Server.Faults.Clear();
            Assert.Equal(result.Sha, Server.Store.Tip());
        }

        var commits = 0;
        for (var commit = Server.Store.Commit(Server.Store.Tip()!); commit is not null; commit = commit.Parents.SingleOrDefault())
        {
            commits++;
        }

        Assert.Equal(21, commits);
    }

    [Fact]
    public async Task A_connection_that_stays_broken_while_the_branch_is_to_move_is_a_race_and_the_branch_stays()
    {
        var tip = Server.Store.Push("a", "1");
        Server.Faults.Next(new Fault.Reset(), count: 12, when: IsMove);

        await Assert.ThrowsAsync<RacedException>(() => CommitAsync());

        Assert.Equal(tip, Server.Store.Tip());
    }

    [Fact]
    public async Task An_empty_repository_gets_a_first_commit_and_then_the_files()
    {
        Server.Store.Clear();

        var result = await Open().PublishAsync(Request(Jwks, (".nojekyll", ""), (Layout.DiscoveryPath, "{ }\n")));

        Assert.Equal(result.Sha, Server.Store.Tip());
        Assert.Equal("Add a key\n\nAdded:\n- kid-ü", Server.Store.Commit(result.Sha).Message);
        Assert.Equal(Jwks.Text, Encoding.UTF8.GetString(Server.Store.Read(Jwks.Path)!));
        var start = Assert.Single(Server.Store.Commit(result.Sha).Parents);
        Assert.Equal(".nojekyll", Assert.Single(start.Tree).Name);
    }

    [Fact]
    public async Task A_missing_branch_is_created_without_history_on_request_and_only_once()
    {
        var options = Options with { Branch = "gh-pages", CreateBranch = true };
        var slower = Open(options);
        var snapshot = await slower.ReadAsync();

        var result = await CommitAsync(options);

        Assert.Equal((result.Sha, "gh-pages"), (Server.Store.Tip("gh-pages"), result.Branch));
        Assert.Empty(Server.Store.Commit(result.Sha).Parents);
        Assert.Null(Server.Store.Read("a", "gh-pages"));

        await Assert.ThrowsAsync<RacedException>(() => slower.CommitAsync(snapshot, Jwks));
        Assert.Equal(result.Sha, Server.Store.Tip("gh-pages"));
    }

    [Theory]
    [InlineData("Repository rule violations found\n\nCommits must have verified signatures.")]
    [InlineData("Protected branch update failed for refs/heads/main.")]
    public async Task A_rule_that_protects_the_branch_is_an_error_and_no_race(string rule)
    {
        Server.Store.Rule = rule;

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
            Server.Store.Clear();
        }

        Server.Faults.Next(new Fault.Status(409, Body: "Protected branch update failed for refs/heads/main."), when: request => request.Method == method);

        await Assert.FaultAsync(ExitCode.Usage, "A rule protects the branch of octo/pages", () => CommitAsync());
    }

    [Fact]
    public async Task A_refusal_of_the_first_commit_that_only_mentions_a_sha_is_no_race()
    {
        Server.Store.Clear();
        Server.Faults.Next(new Fault.Status(422, Body: "The sha of the content is not allowed."), when: static request => request.Method == "PUT");

        await Assert.FaultAsync(ExitCode.Usage, "GitHub refused the request for octo/pages", () => CommitAsync());
    }

    private static bool IsMove(HttpRequest request) => request.Method == "PATCH";
}
