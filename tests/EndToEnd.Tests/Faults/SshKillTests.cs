namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>
/// A publication over SSH is killed, or asked to stop, when so many bytes of the connection have passed: in the key exchange, while it
/// fetches, while it pushes, before it reads the server's word. Three points of each kind always; forty with <c>SOAK=1</c>.
/// </summary>
[Collection(FaultCollection.Name)]
[Trait("ApiServer", "own")]
public sealed class SshKillTests(BenchPool pool)
{
    private const int Points = 40;

    [Theory]
    [InlineData(UnixSignal.Kill, 137, "kills")]
    [InlineData(UnixSignal.Terminate, 143, "stops")]
    public async Task A_signal_while_bytes_pass_over_SSH_loses_nothing_and_makes_nothing_twice(UnixSignal signal, int exitCode, string what)
    {
        var whole = await pool.WithAsync(CountAsync);
        var random = new Random(3);
        var points = Enumerable.Range(1, Points).OrderBy(_ => random.Next()).Take(Soak.Times(3, Points)).Select(point => whole * point / Points);
        await pool.AllAsync(points, async (bench, point) =>
        {
            var trial = await Trial.PrepareAsync(bench, OidcTrial.OverSsh);
            var at = bench.Cluster.Ssh.Bytes + point;
            var sent = 0;
            var output = await trial.RunAsync(
                process => bench.Cluster.Ssh.OnBytes = async passed =>
                {
                    if (passed >= at && Interlocked.Exchange(ref sent, 1) == 0)
                    {
                        (await process).Signal(signal);
                    }
                },
                () => bench.Cluster.Ssh.OnBytes = null);
            Tally.Add(what);

            // A run whose last bytes were on their way may be over before the signal comes.
            Assert.True(output.ExitCode == exitCode || output.ExitCode == 0, output.ToString());
            Expect.Clean(output);
            await trial.DoneItemsAsync();
            await trial.CompleteAsync();
        });
    }

    private static async Task<long> CountAsync(Bench bench)
    {
        var trial = await Trial.PrepareAsync(bench, OidcTrial.OverSsh);
        var before = bench.Cluster.Ssh.Bytes;
        await trial.CompleteAsync();
        return bench.Cluster.Ssh.Bytes - before;
    }
}
