using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Publishers that race. Those that are stopped or killed are in <c>Faults</c>.</summary>
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
        await using var push = HeldPush.Next(Cluster.Ssh);
        await using var job = Cluster.Job("oidc");
        var run = job.Start(["publish", .. Cluster.OidcArguments(), "--no-verify", "--request-timeout", "5m"]).WaitAsync();
        await Task.WhenAny(push.Reached, run);

        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["theirs.txt"] = "x" });
        push.Release();

        Expect.Done(await run);
        Assert.Equal("x", await ReadAsync("theirs.txt"));
        Assert.Equal(2, (await KidsAsync()).Length);
        Assert.Equal(3, await CommitsAsync());
    }
}

/// <summary>Pushes over SSH, held before Git begins to serve them: the client has fetched the branch, and nothing is pushed until it is released.</summary>
internal sealed class HeldPush : IAsyncDisposable
{
    private readonly GitSshServer server;
    private readonly CancellationTokenSource released = new();

    private HeldPush(GitSshServer server)
    {
        this.server = server;
        server.HoldPushes();
        Reached = UntilAsync(PushesTo(server) + 1);
    }

    /// <summary>Ends when a push is held, or released.</summary>
    public Task Reached { get; }

    public static HeldPush Next(GitSshServer server) => new(server);

    public void Release()
    {
        server.ReleasePushes();
        released.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await Reached;
        released.Dispose();
    }

    private async Task UntilAsync(int pushes)
    {
        while (PushesTo(server) < pushes && !released.IsCancellationRequested)
        {
            await Task.Delay(20);
        }
    }

    private static int PushesTo(GitSshServer server) => server.Sessions.Count(static session => session.Service == "git-receive-pack");
}
