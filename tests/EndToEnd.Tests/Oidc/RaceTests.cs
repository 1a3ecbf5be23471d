using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Proxy;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Publishers that race, and publishers that are stopped.</summary>
[Trait("ApiServer", "own")]
public sealed class RaceTests : OidcTest
{
    [Fact]
    public async Task Two_clusters_that_commit_at_once_both_land()
    {
        await using var race = await PublisherRace.StartAsync(Cluster);

        await race.RunAsync(rounds: 3);

        Assert.Equal(6, race.Published);
        await race.JudgeAsync();
    }

    [Fact]
    public async Task A_commit_of_somebody_else_between_reading_and_pushing_is_built_upon()
    {
        await PublishedAsync();
        Cluster.ApiServer.Keys.Announce();
        await using var job = Cluster.Job("oidc");
        Cluster.Ssh.Faults.Next(new ConnectionFault.Latency(TimeSpan.Zero));
        Cluster.Ssh.Faults.Next(new ConnectionFault.Latency(TimeSpan.FromSeconds(2)));
        var connections = Cluster.Ssh.Connections;
        var run = job.Start(["publish", .. Cluster.OidcArguments(), "--no-verify"]);
        while (Cluster.Ssh.Connections < connections + 2 && !run.HasExited)
        {
            await Task.Delay(20);
        }

        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["theirs.txt"] = "x" });

        Expect.Done(await run.WaitAsync());
        Assert.Equal("x", await ReadAsync("theirs.txt"));
        Assert.Equal(2, (await KidsAsync()).Length);
        Assert.Equal(3, await CommitsAsync());
    }

    [Fact]
    public async Task A_run_that_is_stopped_ends_with_143_or_done_and_leaves_the_branch_old_or_new()
    {
        await PublishedAsync();
        foreach (var wait in new[] { 100, 400, 700, 1000 })
        {
            await StopAsync(UnixSignal.Terminate, wait, output => Assert.True(output.ExitCode is 0 or 143, output.ToString()));
        }
    }

    [Fact]
    public async Task A_run_that_is_killed_leaves_the_branch_old_or_new_and_the_next_one_completes_it()
    {
        await PublishedAsync();
        foreach (var wait in new[] { 200, 350, 500, 650, 800, 1000 })
        {
            await StopAsync(UnixSignal.Kill, wait, output => Assert.True(output.ExitCode is 0 or 137, output.ToString()));
        }
    }

    private async Task StopAsync(UnixSignal signal, int milliseconds, Action<Output> judge)
    {
        var before = Cluster.Repository.Tip("main");
        var added = Cluster.ApiServer.Keys.Announce().KeyId;
        await using var job = Cluster.Job("oidc");
        var run = job.Start(["publish", .. Cluster.OidcArguments(), "--no-verify"]);
        await Task.Delay(milliseconds);
        run.Signal(signal);
        judge(await run.WaitAsync());

        // What the server had received before may still land, or be left behind with nothing that leads to it.
        await Cluster.Ssh.IdleAsync();
        var after = Cluster.Repository.Tip("main");
        Assert.Equal(after != before, (await KidsAsync()).Contains(added));
        Assert.Equal("", await Cluster.Repository.FsckAsync(reachableOnly: true));
        await PublishedAsync();
        Assert.Contains(added, await KidsAsync());
        Assert.NotNull(JsonNode.Parse(await ReadAsync(DiscoveryPath)));
    }
}
