namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>The work of one run of a job, and its state before, during and after the run.</summary>
internal abstract class Trial(Bench bench, string job)
{
    protected Bench Bench { get; } = bench;

    protected abstract string[] Arguments { get; }

    /// <summary>More arguments for a run that a fault lasts through, so that it does not wait for long.</summary>
    public virtual string[] Impatient => [];

    public abstract int Items { get; }

    /// <summary>Creates a trial of one kind of work.</summary>
    public static async Task<Trial> PrepareAsync(Bench bench, string work) => work switch
    {
        "certsync" => SyncTrial.First(bench),
        "certsync update" => await SyncTrial.UpdateAsync(bench),
        "certsync verify" => await SyncTrial.VerificationAsync(bench),
        _ => OidcTrial.Prepare(bench, work),
    };

    public Task<Output> RunAsync(params string[] more) => Bench.Cluster.RunAsync(job, [.. Arguments, .. more]);

    /// <summary>Runs the job as a process to its end.</summary>
    /// <param name="hook">Connects something to the servers that may need the process.</param>
    public async Task<Output> RunAsync(Action<Task<RunningProcess>> hook, Action unhook)
    {
        await using var runner = Bench.Cluster.Job(job);
        var started = new TaskCompletionSource<RunningProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        hook(started.Task);
        try
        {
            var process = runner.Start(Arguments);
            started.SetResult(process);
            return await process.WaitAsync();
        }
        finally
        {
            unhook();
        }
    }

    /// <summary>How far the work is: every item is as before or done, nothing is there twice.</summary>
    public abstract Task<int> DoneItemsAsync();

    /// <summary>Makes the lease of a killed run expire.</summary>
    public virtual void LetLeaseExpire()
    {
    }

    /// <summary>Runs it, and everything is done afterwards.</summary>
    public async Task CompleteAsync() => await AssertDoneAsync(await RunAsync());

    /// <summary>A run has ended well, and everything is done.</summary>
    public async Task AssertDoneAsync(Output output)
    {
        Expect.Contract(0, output);
        Assert.Equal(Items, await DoneItemsAsync());
    }
}
