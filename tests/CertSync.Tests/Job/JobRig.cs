using ClusterTrust.CertSync.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>The whole job in process, with fakes of its edges: the vaults, the API server, the Lease.</summary>
internal sealed class JobRig
{
    public JobRig(params string[] vaults) => Vaults = [.. (vaults.Length == 0 ? ["main"] : vaults).Select(static alias => new FakeVault(alias))];

    public FakeSecrets Secrets { get; } = new();

    public FakeVault[] Vaults { get; }

    public FakeVault Vault => Vaults[0];

    public FakeTimeProvider Clock { get; } = new(Pki.Start.AddDays(30));

    public SyncPolicy Policy { get; set; } = Make.Policy;

    public string Template { get; set; } = VaultNames.NameOnly;

    public BundleOptions Bundle { get; set; } = new();

    public CertificateFormat Format { get; set; } = CertificateFormat.Pem;

    public PfxEncryption Encryption { get; set; } = PfxEncryption.TripleDesSha1;

    public int Parallel { get; set; } = 1;

    public Shard Shard { get; set; } = Shard.Whole;

    public int LeasesTaken { get; private set; }

    /// <summary>Who holds the Lease, one sentence; null for nobody.</summary>
    public string? LeaseHolder { get; set; }

    /// <summary>Cancelled when the Lease is lost.</summary>
    public CancellationTokenSource LeaseLost { get; } = new();

    /// <summary>A run's end and its lines, <c>action reason namespace/secret</c> or <c>action reason name</c>.</summary>
    public sealed record Run(JobResult Result, string Output, IReadOnlyList<string> Lines);

    public async Task<Run> RunAsync(string command = "sync", bool detailedExitCode = false, CancellationToken stopping = default)
    {
        using var output = new StringWriter();
        var options = Options();
        var planner = new SyncPlanner(options.Policy);
        var run = Start(command, output, detailedExitCode);
        var job = new SyncJob(
            options,
            Secrets,
            Vaults,
            planner,
            new CertificateReconciler(options, planner, Secrets, Clock),
            new CertificatePruner(Secrets),
            new SyncReporter(run, options.Policy, options.Filter, NullLogger<SyncReporter>.Instance),
            Clock,
            new FakeLease(this));
        var result = await job.RunAsync(stopping);
        return new Run(result, output.ToString(), LinesOf(output.ToString()));
    }

    public FakeEndpoints Endpoints { get; } = new();

    /// <summary>The operator's endpoints.</summary>
    public string[] Given { get; set; } = [];

    /// <summary>A verification; its lines are <c>state endpoint</c>, <c>state namespace/secret</c> or <c>state namespace</c>.</summary>
    public async Task<Run> VerifyAsync(CancellationToken stopping = default)
    {
        using var output = new StringWriter();
        var run = Start("verify", output);
        var job = new VerifyJob(Options(), Secrets, Vaults, Endpoints, new ServingReporter(run, Policy, NullLogger<ServingReporter>.Instance), Clock);
        var result = await job.RunAsync(stopping);
        using var report = System.Text.Json.JsonDocument.Parse(output.ToString());
        return new Run(result, output.ToString(), [.. report.RootElement.GetProperty("endpoints").EnumerateArray().Select(static line =>
            $"{line.GetProperty("state")} {(line.TryGetProperty("endpoint", out var endpoint) ? endpoint : line.TryGetProperty("secret", out var secret) ? secret : line.GetProperty("namespace"))}")]);
    }

    public Task<Run> PlanAsync(bool detailedExitCode = false) => RunAsync("plan", detailedExitCode);

    /// <summary>Runs, and asserts how it ends and its lines.</summary>
    public async Task<Run> ExpectAsync(ExitCode exitCode, params string[] lines)
    {
        var run = await RunAsync();
        Assert.Equal(lines, run.Lines);
        Assert.Equal(exitCode, run.Result.ExitCode);
        return run;
    }

    /// <summary>Imports what there is.</summary>
    public async Task SyncedAsync()
    {
        Assert.Equal(ExitCode.Done, (await RunAsync()).Result.ExitCode);
        foreach (var vault in Vaults)
        {
            vault.Writes.Clear();
        }

        Secrets.Reads.Clear();
    }

    /// <summary>A Secret was imported and is gone, and is to be pruned with deletion.</summary>
    public async Task GoneAsync(string source)
    {
        Secrets.Put(source);
        await SyncedAsync();
        Secrets.Remove(source);
        Policy = Make.Policy with { Prune = PruneMode.Delete };
    }

    private sealed class FakeLease(JobRig rig) : IRunLease
    {
        public CancellationToken Lost => rig.LeaseLost.Token;

        public TimeSpan AfterLoss => Timeout.InfiniteTimeSpan;

        public JobException? Loss => Lost.IsCancellationRequested ? new JobException("the lease is lost") : null;

        public Task<string?> TakeAsync(CancellationToken cancellationToken)
        {
            rig.LeasesTaken++;
            return Task.FromResult(rig.LeaseHolder);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static JobRun Start(string command, TextWriter output, bool detailedExitCode = false) => new()
    {
        Job = "certsync",
        Command = command,
        RunId = "0",
        Output = output,
        Format = OutputFormat.Json,
        DetailedExitCode = detailedExitCode,
    };

    private static IReadOnlyList<string> LinesOf(string output)
    {
        if (output.Length == 0)
        {
            return [];
        }

        using var report = System.Text.Json.JsonDocument.Parse(output);
        return [.. report.RootElement.GetProperty("actions").EnumerateArray().Select(static line =>
            $"{line.GetProperty("action")} {line.GetProperty("reason")} {string.Join(',', line.GetProperty("secrets").EnumerateArray())}".TrimEnd())];
    }

    public CertSyncOptions Options() => new()
    {
        Vaults = [.. Vaults.Select(static vault => vault.Vault)],
        Filter = new SecretFilter(),
        Names = new VaultNames(Template, Make.Cluster),
        Policy = Policy,
        Bundle = Bundle,
        Format = Format,
        Encryption = Encryption,
        Parallel = Parallel,
        Shard = Shard,
        LeaseName = null,
        LeaseNamespace = null,
        Events = false,
        SignIn = SignInMethod.Auto,
        IssuerTimeout = TimeSpan.Zero,
        Vault = new VaultSettings(),
        Endpoints = [.. Given.Select(static text => ConfiguredEndpoint.Parse(text)!).Select(given => given with { Vault = given.Vault ?? Vault.Vault.Alias })],
        Propagation = TimeSpan.FromHours(24),
        EndpointTimeout = TimeSpan.FromSeconds(10),
    };
}
