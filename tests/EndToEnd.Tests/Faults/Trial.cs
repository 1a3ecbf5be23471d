using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>One piece of work for one run of a job, and what can be said of its state before, in the middle and after.</summary>
internal abstract class Trial(Bench bench)
{
    /// <summary>Where it runs.</summary>
    protected Bench Bench { get; } = bench;

    /// <summary><c>certsync</c> or <c>oidc</c>.</summary>
    protected abstract string Binary { get; }

    protected abstract string[] Arguments { get; }

    /// <summary>More arguments for a run that a fault lasts through, so that it does not wait for long.</summary>
    public virtual string[] Impatient => [];

    /// <summary>Runs the job to its end; no output may hold what is secret.</summary>
    public async Task<Output> RunAsync(params string[] more)
    {
        await using var job = Job();
        return await job.RunAsync([.. Arguments, .. more], timeout: TimeSpan.FromMinutes(10));
    }

    /// <summary>The job's process, which the caller starts with <see cref="CommandLine"/>.</summary>
    public BinaryRunner Job() => Bench.Cluster.Job(Binary);

    public string[] CommandLine(params string[] more) => [.. Arguments, .. more];

    /// <summary>How far the work is: every item is as before or done, nothing is there twice.</summary>
    /// <returns>How many items are done.</returns>
    public abstract Task<int> DoneItemsAsync();

    /// <summary>How many items there are to do.</summary>
    public abstract int Items { get; }

    /// <summary>Makes as if the time of a lease were over that a killed run left.</summary>
    public virtual void LetLeaseExpire()
    {
    }

    /// <summary>Makes a trial by its name in the matrix.</summary>
    public static async Task<Trial> PrepareAsync(Bench bench, string job, string server) => job switch
    {
        "certsync" => FirstSync.Prepare(bench),
        "certsync verify" => await ServingVerification.PrepareAsync(bench),
        "oidc verify" => await Verification.PrepareAsync(bench),
        _ when server == FaultMatrix.GitHub => await GitHubPublication.PrepareAsync(bench),
        _ => await Publication.PrepareAsync(bench),
    };
}
