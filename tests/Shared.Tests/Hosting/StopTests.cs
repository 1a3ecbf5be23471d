namespace ClusterTrust.Shared.Tests.Hosting;

/// <summary>A run that is stopped while everything it speaks to hangs, by a clock that only the test moves.</summary>
public sealed class StopTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 14, 0, 0, TimeSpan.Zero);

    private static TimeSpan Total => StopTimes.Item + StopTimes.Lease + StopTimes.Event + StopTimes.Telemetry;

    private TimerClock Clock { get; } = new(Start);

    [Fact]
    public void Everything_after_a_stop_fits_into_the_grace_period() => Assert.Equal(TimeSpan.FromSeconds(25), Total);

    [Theory]
    [InlineData(0, 1, 5)]
    [InlineData(12, 0, 15)]
    public void The_item_ends_at_the_earlier_of_the_deadlines_after_a_loss_and_after_a_stop(int lostAt, int stoppedAt, int end)
    {
        using CancellationTokenSource lost = new(), stop = new();
        using var grace = new GracePeriod(Clock, TimeSpan.FromSeconds(5), lost.Token, stop.Token);
        for (var second = 0; second < end; second++)
        {
            (second == lostAt ? lost : second == stoppedAt ? stop : null)?.Cancel();
            Assert.False(grace.Token.IsCancellationRequested);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(grace.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Item_Lease_Event_termination_message_and_telemetry_end_in_this_order_and_in_time()
    {
        using var gateway = LoopbackListener.Start(out var address);
        var order = new List<(string What, TimeSpan After)>();
        TaskCompletionSource working = new(), reporting = new();
        using var application = new TestApplication(async (_, stopping) =>
        {
            using var grace = new GracePeriod(Clock, stopping);
            working.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, grace.Token);
            }
            catch (OperationCanceledException)
            {
                Note("item");
            }

            // As the release of a Lease whose API server hangs.
            await Task.Delay(StopTimes.Lease, Clock, CancellationToken.None);

            return JobResult.Done("1 of 2 created");
        });
        application.Clock = Clock;
        application.Services = services => services.AddSingleton<IRunObserver>(new Observer(_ =>
        {
            Note("lease");
            reporting.SetResult();
            return Task.Delay(Timeout.Infinite);
        }));

        var run = application.RunAsync("--cluster", "a", "--pushgateway", address);
        await working.Task;
        application.Stop();
        Clock.Advance(StopTimes.Item);
        await Clock.AdvanceAsync(StopTimes.Lease);
        await reporting.Task;
        Clock.Advance(StopTimes.Event);
        await TimerClock.UntilAsync(() => Clock.Started(StopTimes.Telemetry) > 0);
        var message = application.Summary["message"];
        Clock.Advance(StopTimes.Telemetry);

        Assert.Equal(143, await run);
        Note("end");
        Assert.Equal([("item", StopTimes.Item), ("lease", StopTimes.Item + StopTimes.Lease), ("end", Total)], order);
        Assert.Equal("1 of 2 created", (string?)message);

        void Note(string what) => order.Add((what, Clock.GetUtcNow() - Start));
    }

    public static TheoryData<Func<Task<JobResult>>, ExitCode> Ends => new()
    {
        { static () => Task.FromResult(JobResult.Done("done")), ExitCode.Done },
        { static () => throw new JobException("not ours", ExitCode.Refused), ExitCode.Refused },
        { static () => throw new InvalidOperationException("a bug"), ExitCode.Failed },
    };

    /// <summary>The Event has reported the result, and the job has ended.</summary>
    [Theory]
    [MemberData(nameof(Ends))]
    public async Task An_observer_gets_the_result_of_a_run_and_neither_it_nor_a_stop_afterwards_changes_it(Func<Task<JobResult>> work, ExitCode expected)
    {
        using var application = new TestApplication((_, _) => work());
        var results = new List<JobResult>();
        application.Services = services => services.AddSingleton<IRunObserver>(new Observer(result =>
        {
            results.Add(result);
            application.Stop();
            throw new InvalidOperationException("a bug");
        }));
        Assert.Equal((int)expected, await application.RunAsync("--cluster", "a"));
        Assert.Equal(expected, Assert.Single(results).ExitCode);
    }

    /// <summary>An exception in the handler of a signal ends the process.</summary>
    [Fact]
    public async Task A_fault_in_what_a_stop_calls_is_logged()
    {
        using var application = new TestApplication();
        application.Work = (_, stopping) =>
        {
            stopping.Register(static () => throw new InvalidOperationException("a bug"));
            application.Stop();
            return Task.FromResult(JobResult.Done("1 of 2 created"));
        };

        Assert.Equal(143, await application.RunAsync("--cluster", "a"));
        Assert.Contains("(a bug)", application.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 of 2 created", await File.ReadAllTextAsync(application.TerminationLog), StringComparison.Ordinal);
    }

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

    private sealed class Observer(Func<JobResult, Task> ended) : IRunObserver
    {
        public Task RunEndedAsync(JobResult result, CancellationToken cancellationToken) => ended(result);
    }
}
