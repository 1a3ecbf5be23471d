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

/// <summary>The next push over SSH, held when it begins: the client has read the branch, and nothing of the push arrives until it is released.</summary>
internal sealed class HeldPush : IAsyncDisposable
{
    private readonly GitSshServer server;
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HeldPush(GitSshServer server) => this.server = server;

    /// <summary>Ends when the push has begun.</summary>
    public Task Reached => reached.Task;

    public static HeldPush Next(GitSshServer server)
    {
        var (push, before) = (new HeldPush(server), PushesTo(server));
        server.OnBytes = async _ =>
        {
            if (PushesTo(server) > before)
            {
                push.reached.TrySetResult();
                await push.released.Task;
            }
        };
        return push;
    }

    public void Release() => released.TrySetResult();

    public ValueTask DisposeAsync()
    {
        server.OnBytes = null;
        Release();
        return ValueTask.CompletedTask;
    }

    private static int PushesTo(GitSshServer server) => server.Sessions.Count(static session => session.Service == "git-receive-pack");
}
