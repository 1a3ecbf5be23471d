namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Every row of the matrix, by the built binaries: first while the fault lasts, then while it shows once, which has to make all right.</summary>
[Collection(FaultCollection.Name)]
[Trait("ApiServer", "own")]
public sealed class MatrixTests(BenchPool pool)
{
    private const int Seed = 1;

    // The requests of one successful run to each server, counted once.
    private static readonly ConcurrentDictionary<(string Job, string Server), Lazy<Task<int>>> Calls = new();

    [Fact]
    public void The_table_has_every_fault_of_every_server_that_a_job_speaks_to() => Assert.Equal(
        FaultMatrix.Pairs.SelectMany(pair => FaultKinds.Names.Select(fault => $"{pair.Job} × {pair.Server} × {fault}")),
        FaultMatrix.Rows.Select(row => row.ToString()));

    [Fact]
    public void The_page_has_the_rows() => Repository.AssertPartUpToDate("docs/reliability.md", FaultMatrix.Table);

    [Fact]
    public Task Each_fault_ends_a_run_as_the_table_says_and_afterwards_one_run_makes_all_right() => pool.AllAsync(FaultMatrix.Rows.Where(IsTried), TryAsync);

    /// <summary>
    /// Every ninth row, so that each server and each fault has its turn, and each server that is away at first, which a proxy answers for, or
    /// killed in the middle of a run; all when soaking, or with <c>MATRIX=all</c>; those that begin with <c>MATRIX</c> otherwise.
    /// </summary>
    private static bool IsTried(FaultRow row, int index) =>
        Environment.GetEnvironmentVariable("MATRIX") is { Length: > 0 } wanted
            ? wanted == "all" || row.ToString().StartsWith(wanted, StringComparison.Ordinal)
            : Soak.IsOn || row.Fault is FaultKinds.DownAtStart or FaultKinds.DownMidRun || ((index / FaultKinds.Names.Count) + (index % FaultKinds.Names.Count)) % 9 == 0;

    private static async Task TryAsync(Bench bench, FaultRow row)
    {
        // MSAL caches for the whole process what Entra ID responded, and the delay that it requested.
        bench.Cluster.JobsAreProcesses = row.Server == FaultMatrix.Entra;

        // Before the trial is made ready: a bench has one at a time, so no count may run on that nobody awaits.
        var calls = await Calls.GetOrAdd((row.Job, row.Server), _ => new(() => CountAsync(bench, row))).Value;
        var trial = await PrepareAsync(bench, row);
        await LastAsync(bench, trial, row, calls);
        Tally.Add("faults that lasted");
        if (Soak.IsOn && calls > 1)
        {
            await CompleteAsync(trial);
            trial = await PrepareAsync(bench, row);
            await LastFromTheMiddleAsync(bench, trial, row, 1 + PositionOf(row, calls - 1));
        }

        trial.LetLeaseExpire();
        if (row.Once is not { } expected || IsLong(row))
        {
            await trial.CompleteAsync();
            return;
        }

        // A fault that is not retried is reported at the first request; one that is may come at any.
        if (expected != 0)
        {
            // Entra ID's first response is about clouds, and may be missing; the last one is the token.
            await ShowOnceAsync(bench, trial, row, row.Server == FaultMatrix.Entra ? calls - 1 : 0, expected);
            await CompleteAsync(trial);
            return;
        }

        if (row.Left == FaultMatrix.Everything)
        {
            await trial.CompleteAsync();
            trial = await PrepareAsync(bench, row);
        }

        var positions = Soak.IsOn ? Enumerable.Range(0, calls) : [PositionOf(row, calls)];
        foreach (var at in positions)
        {
            await ShowOnceAsync(bench, trial, row, at, expected);
            trial = await PrepareAsync(bench, row);
        }
    }

    private static async Task LastAsync(Bench bench, Trial trial, FaultRow row, int calls)
    {
        var at = row.Fault == FaultKinds.DownMidRun ? calls / 2 : 0;
        var output = await RunThroughAsync(bench, trial, row, at);
        Expect.Contract(row.Lasting, output, row.Message);
        var done = await trial.DoneItemsAsync();
        Assert.True(
            row.Left switch
            {
                FaultMatrix.Nothing => done == 0,
                FaultMatrix.Everything => done == trial.Items,
                _ => done >= 0,
            },
            $"{done} of {trial.Items} items are done, {row.Left} was expected. {output}");
    }

    /// <summary>The same, beginning at any other call: the run may end as it did, or well, or with a report of what it did not get done; nothing is half done.</summary>
    private static async Task LastFromTheMiddleAsync(Bench bench, Trial trial, FaultRow row, int at)
    {
        var output = await RunThroughAsync(bench, trial, row, at);
        Tally.Add("faults that lasted");
        Assert.True(output.ExitCode is >= 0 and <= 3, $"An exit code of the contract was expected. {output}");
        Expect.Contract(output.ExitCode, output);
        await trial.DoneItemsAsync();
    }

    /// <summary>A run that the fault lasts through from a call on.</summary>
    private static async Task<Output> RunThroughAsync(Bench bench, Trial trial, FaultRow row, int at)
    {
        await using var fault = await FaultInjection.BeginAsync(bench, row, at, once: false);
        return await trial.RunAsync([.. trial.Impatient, "--retries", IsLong(row) ? "0" : "1", "--request-timeout", "15s"]);
    }

    /// <summary>The run after one that left its Lease.</summary>
    private static Task CompleteAsync(Trial trial)
    {
        trial.LetLeaseExpire();
        return trial.CompleteAsync();
    }

    private static async Task ShowOnceAsync(Bench bench, Trial trial, FaultRow row, int at, int expected)
    {
        Output output;
        // A slow machine may start the run after that second: one that does not try again must meet a server that stays down.
        await using (await FaultInjection.BeginAsync(bench, row, at, once: expected == 0 || row.Fault != FaultKinds.DownAtStart))
        {
            output = await trial.RunAsync("--request-timeout", "15s");
        }

        Tally.Add("faults that passed");
        if (expected == 0 && row.Fault == "404")
        {
            // It is final where something must exist; otherwise it means that there is nothing yet, or that a Secret was deleted.
            Expect.Contract(output.ExitCode == 0 ? 0 : row.Lasting, output);
            await CompleteAsync(trial);
        }
        else if (expected == 0)
        {
            await trial.AssertDoneAsync(output);
        }
        else
        {
            Expect.Contract(expected, output);
        }
    }

    private static Task<Trial> PrepareAsync(Bench bench, FaultRow row) => Trial.PrepareAsync(bench, row.Server == FaultMatrix.GitHub ? OidcTrial.ByApi : row.Job);

    // GitHub's rule is to wait a minute where a 429 names no time.
    private static bool IsLong(FaultRow row) => row is { Server: FaultMatrix.GitHub, Fault: "429" } && !Soak.IsOn;

    private static int PositionOf(FaultRow row, int calls) =>
        new Random(Seed + FaultMatrix.Rows.TakeWhile(other => other != row).Count()).Next(calls);

    private static async Task<int> CountAsync(Bench bench, FaultRow row)
    {
        var trial = await PrepareAsync(bench, row);
        var server = bench.Servers[row.Server];
        var before = server.Requests.Count;
        await trial.CompleteAsync();
        return server.Requests.Count - before;
    }
}
