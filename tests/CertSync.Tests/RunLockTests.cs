using ClusterTrust.CertSync.Leases;
using ClusterTrust.CertSync.Tests.Cluster;
using ClusterTrust.CertSync.Tests.Job;
using ClusterTrust.Hosting;
using ClusterTrust.Shared.Tests.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.CertSync.Tests;

/// <summary>Two runs and one Lease, each run by a clock that only the test moves: a run whose clock stands still is one that was killed.</summary>
public sealed class RunLockTests : ClusterTest
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 14, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Renewal = Duration / 5;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly TimerClock ours = new(Start);
    private readonly TimerClock theirs = new(Start);
    private int runs;

    [Fact]
    public async Task A_free_lock_is_taken_and_released()
    {
        var state = await Lock(ours).TakeAsync(CancellationToken.None);

        Assert.Null(state.Holder);
        Assert.Null(state.Loss());
        Assert.Equal(TimeSpan.FromSeconds(5), state.AfterLoss);
        await state.DisposeAsync();
        await using var next = await Lock(theirs).TakeAsync(CancellationToken.None);
        Assert.Null(next.Holder);
    }

    [Fact]
    public async Task The_run_ends_and_names_an_active_holder_of_the_Lease()
    {
        await using var held = await Lock(theirs).TakeAsync(CancellationToken.None);

        var taking = Lock(ours).TakeAsync(CancellationToken.None);
        await TimerClock.UntilAsync(() => ours.Started(Poll) == 1);
        theirs.Advance(Renewal);
        await TimerClock.UntilAsync(() => theirs.Started(Renewal) == 2);
        ours.Advance(Poll);
        await using var state = await taking;

        Assert.Contains("another run holds the lease default/certsync: ", state.Holder, StringComparison.Ordinal);
        Assert.EndsWith("since 2026-11-24T14:00:00Z; nothing was done", state.Holder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_Lease_of_a_killed_holder_is_taken_after_it_expires()
    {
        await using var dead = await Lock(theirs).TakeAsync(CancellationToken.None);

        await using var state = await TakeFromKilledAsync();

        Assert.Null(state.Holder);
        Assert.InRange(ours.GetUtcNow() - Start, Duration, 2 * Duration);
    }

    [Fact]
    public async Task Losing_the_Lease_to_another_run_is_explained()
    {
        await using var state = await Lock(theirs).TakeAsync(CancellationToken.None);
        await using var thief = await TakeFromKilledAsync();

        theirs.Advance(Renewal);
        await TimerClock.UntilAsync(() => state.Lost.IsCancellationRequested);

        Assert.Equal(
            "The run was stopped because it lost the lease default/certsync (another client holds it): run again, and check the API server's health if it happens often.",
            state.Loss()!.Message);
        Assert.Equal(ExitCode.Failed, state.Loss()!.ExitCode);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_for_a_holder()
    {
        await using var dead = await Lock(theirs).TakeAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var waiting = Lock(ours).TakeAsync(stop.Token);
        await TimerClock.UntilAsync(() => ours.Started(Poll) == 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Takes the lock of a holder whose clock stands still.</summary>
    private async Task<RunLockState> TakeFromKilledAsync()
    {
        var taking = Lock(ours).TakeAsync(CancellationToken.None);
        for (var polls = 1; !taking.IsCompleted; polls++)
        {
            await TimerClock.UntilAsync(() => taking.IsCompleted || ours.Started(Poll) == polls);
            ours.Advance(taking.IsCompleted ? TimeSpan.Zero : Poll);
        }

        return await taking;
    }

    private RunLock Lock(TimerClock clock)
    {
        var run = new JobRun
        {
            Job = "certsync",
            Command = "sync",
            RunId = $"{++runs:x12}",
            Output = TextWriter.Null,
        };

        var options = new JobRig().Options() with { LeaseName = "certsync", LeaseNamespace = "default" };
        var connection = Rig.Connect(clock: clock);
        return new RunLock(options, connection, new LeaseLock(connection, clock, NullLogger<LeaseLock>.Instance), run, clock);
    }
}
