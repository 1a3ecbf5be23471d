namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>
/// The job is killed, or stopped, at a network call, when it arrives or when the server has processed it and not yet responded; over SSH when so
/// many bytes of the connection have passed: in the key exchange, while it fetches, while it pushes, before it reads the server's word. One
/// ordinary run makes all right. A sample of the points always; every one with <c>SOAK=1</c>.
/// </summary>
[Collection(FaultCollection.Name)]
[Trait("ApiServer", "own")]
public sealed class KillTests(BenchPool pool)
{
    /// <summary>The points over SSH: after one fortieth of the bytes, after two, and so on.</summary>
    private const int Parts = 40;

    [Theory]
    [InlineData("certsync")]
    [InlineData("certsync update")]
    [InlineData(OidcTrial.OverHttps)]
    [InlineData(OidcTrial.ByApi)]
    [InlineData(OidcTrial.OverSsh)]
    public async Task A_kill_or_a_stop_at_any_point_loses_nothing_and_makes_nothing_twice(string work)
    {
        var random = new Random(2);
        var points = await pool.WithAsync(bench => PointsAsync(bench, work));
        var cases = new[] { UnixSignal.Kill, UnixSignal.Terminate }.SelectMany(signal => points.OrderBy(_ => random.Next()).Take(Soak.Times(1, points.Length))
            .Select(point => (Signal: signal, Point: point, Delay: signal == UnixSignal.Kill || work == OidcTrial.OverSsh ? 0 : random.Next(50))));
        await pool.AllAsync(cases.ToArray(), async (bench, one) =>
        {
            var trial = await Trial.PrepareAsync(bench, work);
            var output = await SignalAsync(bench, trial, one.Signal, one.Point, TimeSpan.FromMilliseconds(one.Delay));
            Tally.Add(one.Signal == UnixSignal.Kill ? "kills" : "stops");

            // A run whose last answer was on its way may be over before the signal comes.
            Assert.True(output.ExitCode == 0 || output.ExitCode == (one.Signal == UnixSignal.Kill ? 137 : 143), output.ToString());
            var done = await trial.DoneItemsAsync();
            if (one.Signal == UnixSignal.Terminate)
            {
                Expect.Clean(output);
                Assert.True(
                    trial is not SyncTrial || output.StandardOutput.Length == 0
                    || done == new SyncRun(output).Lines.Count(static line => line.Split(' ')[0] is "create" or "renew" or "recover" or "unchanged"),
                    output.ToString());
            }

            trial.LetLeaseExpire();
            await trial.CompleteAsync();
        });
    }

    /// <summary>Without the wait for the 15 seconds: <c>RunLeaseTests.The_Lease_of_a_killed_holder_is_taken_after_it_expires</c>.</summary>
    [Fact]
    [Trait("Duration", "long")]
    public Task After_a_kill_the_next_run_waits_for_the_dead_ones_lease_and_does_the_work() => pool.WithAsync(async bench =>
    {
        var trial = await Trial.PrepareAsync(bench, "certsync");
        Assert.Equal(137, (await SignalAsync(bench, trial, UnixSignal.Kill, new Point(3, Acted: true, IsOverSsh: false), TimeSpan.Zero)).ExitCode);
        await trial.CompleteAsync();
        return trial;
    });

    private static async Task<Point[]> PointsAsync(Bench bench, string work)
    {
        var trial = await Trial.PrepareAsync(bench, work);
        var (calls, bytes) = (0, bench.Cluster.Ssh.Bytes);
        Hook(bench, _ => Task.FromResult(Interlocked.Increment(ref calls)), null);
        await trial.CompleteAsync();
        Hook(bench, null, null);
        return work == OidcTrial.OverSsh
            ? [.. Enumerable.Range(1, Parts).Select(part => new Point((bench.Cluster.Ssh.Bytes - bytes) * part / Parts, Acted: false, IsOverSsh: true))]
            : [.. Enumerable.Range(0, calls).SelectMany(static call => new[] { new Point(call, Acted: false, IsOverSsh: false), new Point(call, Acted: true, IsOverSsh: false) })];
    }

    private static Task<Output> SignalAsync(Bench bench, Trial trial, UnixSignal signal, Point point, TimeSpan delay)
    {
        var (arrived, answered, sent, before) = (-1, -1, 0, bench.Cluster.Ssh.Bytes);
        return trial.RunAsync(
            started =>
            {
                if (point.IsOverSsh)
                {
                    bench.Cluster.Ssh.OnBytes = passed => passed >= before + point.At && Interlocked.Exchange(ref sent, 1) == 0 ? SendAsync(started, null) : Task.CompletedTask;
                    return;
                }

                Hook(
                    bench,
                    context => Interlocked.Increment(ref arrived) == point.At && !point.Acted ? SendAsync(started, context) : Task.CompletedTask,
                    context => Interlocked.Increment(ref answered) == point.At && point.Acted ? SendAsync(started, context) : Task.CompletedTask);
            },
            () =>
            {
                Hook(bench, null, null);
                bench.Cluster.Ssh.OnBytes = null;
            });

        async Task SendAsync(Task<RunningProcess> started, HttpContext? context)
        {
            var process = await started;
            await Task.Delay(delay);
            process.Signal(signal);
            if (signal == UnixSignal.Kill)
            {
                // Nobody is there any more to take an answer.
                context?.Abort();
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

    /// <summary>When the signal is sent: at a call, from 0, as it arrives or when the server has acted; or when so many bytes have passed over SSH.</summary>
    private readonly record struct Point(long At, bool Acted, bool IsOverSsh);
}
