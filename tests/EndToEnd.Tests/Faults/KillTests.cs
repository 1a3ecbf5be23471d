namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>
/// The job is killed, or asked to stop, at a network call: when it arrives, or when the server has acted and not yet answered. One
/// ordinary run makes all right. A sample of the calls always; every one with <c>SOAK=1</c>.
/// </summary>
[Collection(FaultCollection.Name)]
[Trait("ApiServer", "own")]
public sealed class KillTests(BenchPool pool)
{
    private const int Seed = 2;

    [Theory]
    [InlineData("certsync")]
    [InlineData("certsync update")]
    [InlineData(OidcTrial.OverHttps)]
    [InlineData(OidcTrial.ByApi)]
    public async Task Kill_9_at_a_call_loses_nothing_and_makes_nothing_twice(string work)
    {
        var calls = await pool.WithAsync(bench => CountAsync(bench, work));
        var points = Enumerable.Range(0, calls).SelectMany(call => new[] { new Point(call, Acted: false), new Point(call, Acted: true) }).ToArray();
        await pool.AllAsync(Sample(points, 5), async (bench, point) =>
        {
            var trial = await Trial.PrepareAsync(bench, work);
            var output = await SignalAsync(bench, trial, UnixSignal.Kill, point, TimeSpan.Zero);
            Tally.Add("kills");
            Assert.True(output.ExitCode is 137 or 0, output.ToString());
            await trial.DoneItemsAsync();
            trial.LetLeaseExpire();
            await trial.CompleteAsync();
        });
    }

    /// <summary>Without the wait for the 15 seconds: <c>RunLeaseTests.The_Lease_of_a_killed_holder_is_taken_after_it_expires</c>.</summary>
    [Fact]
    [Trait("Duration", "long")]
    public Task After_a_kill_the_next_run_waits_for_the_dead_ones_lease_and_does_the_work() => pool.AllAsync([new Point(3, Acted: true)], async (bench, point) =>
    {
        var trial = await Trial.PrepareAsync(bench, "certsync");
        Assert.Equal(137, (await SignalAsync(bench, trial, UnixSignal.Kill, point, TimeSpan.Zero)).ExitCode);
        await trial.CompleteAsync();
    });

    [Theory]
    [InlineData("certsync")]
    [InlineData("certsync update")]
    [InlineData(OidcTrial.OverHttps)]
    [InlineData(OidcTrial.ByApi)]
    public async Task SIGTERM_at_any_point_ends_in_time_with_143_and_no_half_item(string work)
    {
        var calls = await pool.WithAsync(bench => CountAsync(bench, work));
        var random = new Random(Seed);
        var points = Enumerable.Range(0, Soak.Times(3, 30)).Select(_ => (new Point(random.Next(calls), random.Next(2) == 1), Delay: TimeSpan.FromMilliseconds(random.Next(50)))).ToArray();
        await pool.AllAsync(points, async (bench, point) =>
        {
            var trial = await Trial.PrepareAsync(bench, work);
            var output = await SignalAsync(bench, trial, UnixSignal.Terminate, point.Item1, point.Delay);
            Tally.Add("stops");

            // A run whose last answer was on its way may be over before the signal comes.
            Assert.True(output.ExitCode is 143 or 0, output.ToString());
            Expect.Clean(output);
            var done = await trial.DoneItemsAsync();
            if (trial is SyncTrial && output.StandardOutput.Length > 0)
            {
                var report = new CertSync.SyncRun(output);
                Assert.Equal(done, report.Lines.Count(static line => line.Action is "create" or "renew" or "recover" or "unchanged"));
            }

            trial.LetLeaseExpire();
            await trial.CompleteAsync();
        });
    }

    private static async Task<int> CountAsync(Bench bench, string work)
    {
        var trial = await Trial.PrepareAsync(bench, work);
        var count = 0;
        Hook(bench, _ =>
        {
            Interlocked.Increment(ref count);
            return Task.CompletedTask;
        }, null);
        await trial.CompleteAsync();
        Hook(bench, null, null);
        return count;
    }

    private static Task<Output> SignalAsync(Bench bench, Trial trial, UnixSignal signal, Point point, TimeSpan delay)
    {
        var (arrived, answered) = (-1, -1);
        return trial.RunAsync(
            process => Hook(
                bench,
                context => Interlocked.Increment(ref arrived) == point.Call && !point.Acted ? SendAsync(process, context) : Task.CompletedTask,
                context => Interlocked.Increment(ref answered) == point.Call && point.Acted ? SendAsync(process, context) : Task.CompletedTask),
            () => Hook(bench, null, null));

        async Task SendAsync(Task<RunningProcess> started, HttpContext context)
        {
            var process = await started;
            await Task.Delay(delay);
            process.Signal(signal);
            if (signal == UnixSignal.Kill)
            {
                // Nobody is there any more to take an answer.
                context.Abort();
            }
        }
    }

    private static void Hook(Bench bench, Func<HttpContext, Task>? onRequest, Func<HttpContext, Task>? onAnswer)
    {
        foreach (var server in bench.Servers.Values)
        {
            (server.OnRequest, server.OnAnswer) = (onRequest, onAnswer);
        }
    }

    private static Point[] Sample(Point[] points, int count)
    {
        var random = new Random(Seed);
        return Soak.IsOn ? points : [.. points.OrderBy(_ => random.Next()).Take(count)];
    }

    /// <summary>When the signal is sent: at a call, from 0, as it arrives or when the server has acted.</summary>
    private readonly record struct Point(int Call, bool Acted);
}
