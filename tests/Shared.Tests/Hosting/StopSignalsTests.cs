namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class StopSignalsTests
{
    [Fact]
    public async Task A_real_SIGTERM_asks_to_stop_and_leaves_the_process_alive()
    {
        var stopped = new TaskCompletionSource();
        using var signals = StopSignals.Listen(() => stopped.TrySetResult());
        using var kill = Process.Start("kill", ["-TERM", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await stopped.Task.WaitAsync(TimeSpan.FromMinutes(5));
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
