using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Compare;

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
