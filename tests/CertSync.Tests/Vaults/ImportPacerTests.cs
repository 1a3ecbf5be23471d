namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class ImportPacerTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, 300)]
    [InlineData(8, 37)]
    [InlineData(1000, 1)]
    public void Shards_share_the_vaults_limit(int shards, int limit) => Assert.Equal(limit, new VaultSettings().SharedBy(shards).ImportLimit);

    [Fact]
    public async Task Reports_the_smallest_remaining_budget()
    {
        var pacer = new ImportPacer(3, TimeSpan.FromSeconds(10), _time);
        Assert.Equal(3, pacer.FewestLeft);
        await pacer.WaitAsync(default);
        await pacer.WaitAsync(default);
        Assert.Equal(1, pacer.FewestLeft);
        _time.Advance(TimeSpan.FromSeconds(10));
        await pacer.WaitAsync(default);
        Assert.Equal(1, pacer.FewestLeft);
    }

    [Fact]
    public async Task As_many_imports_as_the_limit_start_at_once_and_no_window_sees_more()
    {
        var clock = new SwiftClock(DateTimeOffset.UnixEpoch);
        var pacer = new ImportPacer(3, TimeSpan.FromSeconds(10), clock);
        var starts = new List<double>();
        for (var number = 0; number < 10; number++)
        {
            await pacer.WaitAsync(default);
            starts.Add((clock.Now - DateTimeOffset.UnixEpoch).TotalSeconds);
            clock.Now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal([0, 1, 2, 10, 11, 12, 20, 21, 22, 30], starts);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_delays_nothing()
    {
        var clock = new SetBackClock();
        var pacer = new ImportPacer(1, TimeSpan.FromSeconds(10), clock);
        await pacer.WaitAsync(default);
        clock.Advance(TimeSpan.FromSeconds(10));
        clock.Difference = TimeSpan.FromHours(-1);
        Assert.True(pacer.WaitAsync(default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        var pacer = new ImportPacer(1, TimeSpan.FromSeconds(10), _time);
        await pacer.WaitAsync(default);
        using var stop = new CancellationTokenSource();
        var wait = pacer.WaitAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    private sealed class SetBackClock : FakeTimeProvider
    {
        public TimeSpan Difference { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Difference;

        public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
    }
}
