namespace ClusterTrust.CertSync.Tests.Leases;

/// <summary>Two runs and one Lease, each run by a clock that only the test moves: a run whose clock stands still is one that was killed.</summary>
public sealed class RunLeaseTests : LeaseTest
{
    private static readonly TimeSpan Renewal = Duration / 5;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly TimerClock _theirs = new(Start);
    private int _runs;

    [Fact]
    public async Task The_run_ends_and_names_an_active_holder_of_the_Lease()
    {
        await using var held = await TakenAsync();
        await using var waiting = Lease(Clock);
        var acquiring = waiting.AcquireAsync(CancellationToken.None);
        await TimerClock.UntilAsync(() => Clock.Started(Poll) == 1);
        _theirs.Advance(Renewal);
        await TimerClock.UntilAsync(() => _theirs.Started(Renewal) == 2);
        Clock.Advance(Poll);
        Assert.Equal("another run holds the lease demo/certsync: run-1, since 2026-11-24T14:00:00Z; nothing was done", await acquiring);
    }

    [Fact]
    public async Task The_Lease_of_a_killed_holder_is_taken_after_it_expires()
    {
        await using var dead = await TakenAsync();
        await using var lease = Lease(Clock);
        var acquiring = lease.AcquireAsync(CancellationToken.None);
        for (var polls = 1; !acquiring.IsCompleted; polls++)
        {
            await TimerClock.UntilAsync(() => acquiring.IsCompleted || Clock.Started(Poll) == polls);
            Clock.Advance(acquiring.IsCompleted ? TimeSpan.Zero : Poll);
        }

        Assert.Null(await acquiring);
        Assert.InRange(Clock.GetUtcNow() - Start, Duration, 2 * Duration);
    }

    /// <summary>A run observes no renewal of a holder that renews once an hour: only the holder's clock determines when the Lease ends.</summary>
    [Theory]
    [InlineData(14)]
    [InlineData(-75)]
    public async Task A_long_Lease_is_respected_until_it_ended_longer_ago_than_clocks_differ(int minutes)
    {
        Store(Start.AddMinutes(minutes).AddSeconds(1), seconds: 3600);
        await using var lease = Lease(Clock);
        Assert.Contains("another run holds the lease demo/certsync: pod-a", await lease.AcquireAsync(CancellationToken.None), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-11-24T14:15:01Z")]
    [InlineData("9999-12-31T23:59:59.999999Z")]
    public async Task A_long_Lease_that_was_renewed_in_the_future_fails_the_run(string renewed)
    {
        Store(DateTimeOffset.Parse(renewed, CultureInfo.InvariantCulture), seconds: 3600);
        await using var lease = Lease(Clock);
        await Assert.FaultAsync(ExitCode.Failed, "kubectl delete lease -n demo certsync", () => lease.AcquireAsync(CancellationToken.None));
        Assert.Equal("pod-a", Holder);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_for_a_holder()
    {
        await using var dead = await TakenAsync();
        using var stop = new CancellationTokenSource();
        await using var lease = Lease(Clock);
        var waiting = lease.AcquireAsync(stop.Token);
        await TimerClock.UntilAsync(() => Clock.Started(Poll) == 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private async Task<RunLease> TakenAsync()
    {
        var lease = Lease(_theirs);
        Assert.Null(await lease.AcquireAsync(CancellationToken.None));
        return lease;
    }

    private RunLease Lease(TimerClock clock) =>
        new(Connect(clock: clock), "demo", "certsync", $"run-{++_runs}", clock, NullLogger<RunLease>.Instance);
}
