using ClusterTrust.CertSync.Tests.Cluster;

namespace ClusterTrust.CertSync.Tests.Leases;

/// <summary>Two runs and one Lease, each run by a clock that only the test moves: a run whose clock stands still is one that was killed.</summary>
public sealed class RunLeaseTests : ClusterTest
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 14, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Duration = RunLease.Duration;
    private static readonly TimeSpan Renewal = Duration / 5;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly TimerClock _ours = new(Start);
    private readonly TimerClock _theirs = new(Start);
    private int _runs;

    [Fact]
    public async Task A_free_lock_is_taken_and_released()
    {
        var lease = await TakenAsync(_ours);
        Assert.Null(lease.Loss);
        Assert.Equal(TimeSpan.FromSeconds(5), lease.AfterLoss);
        await lease.DisposeAsync();
        await using var next = await TakenAsync(_theirs);
    }

    [Fact]
    public async Task The_run_ends_and_names_an_active_holder_of_the_Lease()
    {
        await using var held = await TakenAsync(_theirs);
        await using var waiting = Lease(_ours);
        var taking = waiting.TakeAsync(CancellationToken.None);
        await TimerClock.UntilAsync(() => _ours.Started(Poll) == 1);
        _theirs.Advance(Renewal);
        await TimerClock.UntilAsync(() => _theirs.Started(Renewal) == 2);
        _ours.Advance(Poll);

        Assert.Equal("another run holds the lease default/certsync: run-1, since 2026-11-24T14:00:00Z; nothing was done", await taking);
    }

    [Fact]
    public async Task The_Lease_of_a_killed_holder_is_taken_after_it_expires()
    {
        await using var dead = await TakenAsync(_theirs);

        await using var lease = await TakeFromKilledAsync();

        Assert.InRange(_ours.GetUtcNow() - Start, Duration, 2 * Duration);
    }

    [Fact]
    public async Task Losing_the_Lease_to_another_run_is_explained()
    {
        await using var lease = await TakenAsync(_theirs);
        await using var thief = await TakeFromKilledAsync();

        _theirs.Advance(Renewal);
        await TimerClock.UntilAsync(() => lease.Lost.IsCancellationRequested);

        Assert.Equal(
            "The run was stopped because it lost the lease default/certsync (another client holds it): run again, and check the API server's health if it happens often.",
            lease.Loss!.Message);
        Assert.Equal(ExitCode.Failed, lease.Loss!.ExitCode);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_for_a_holder()
    {
        await using var dead = await TakenAsync(_theirs);
        using var stop = new CancellationTokenSource();
        await using var lease = Lease(_ours);
        var waiting = lease.TakeAsync(stop.Token);
        await TimerClock.UntilAsync(() => _ours.Started(Poll) == 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private async Task<RunLease> TakenAsync(TimerClock clock)
    {
        var lease = Lease(clock);
        Assert.Null(await lease.TakeAsync(CancellationToken.None));
        return lease;
    }

    /// <summary>Takes the Lease of a holder whose clock stands still.</summary>
    private async Task<RunLease> TakeFromKilledAsync()
    {
        var lease = Lease(_ours);
        var taking = lease.TakeAsync(CancellationToken.None);
        for (var polls = 1; !taking.IsCompleted; polls++)
        {
            await TimerClock.UntilAsync(() => taking.IsCompleted || _ours.Started(Poll) == polls);
            _ours.Advance(taking.IsCompleted ? TimeSpan.Zero : Poll);
        }

        Assert.Null(await taking);
        return lease;
    }

    private RunLease Lease(TimerClock clock) =>
        new(Rig.Connect(clock: clock), "default", "certsync", $"run-{++_runs}", clock, NullLogger<RunLease>.Instance);
}
