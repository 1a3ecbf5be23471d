using ClusterTrust.CertSync.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>The whole job in process, with fakes of its edges: the vaults, the API server, the Lease.</summary>
internal sealed class JobRig
{
    public JobRig(params string[] vaults)
    {
        Vaults = [.. (vaults.Length == 0 ? ["main"] : vaults).Select(static alias => new FakeVault(alias))];
        Options = new CertSyncOptions
        {
            Vaults = [.. Vaults.Select(static vault => vault.Vault)],
            Filter = new SecretFilter(),
            Names = new VaultNames(VaultNames.NameOnly, Make.Cluster),
            Policy = Make.Policy,
            Bundle = new BundleOptions(),
            Format = CertificateFormat.Pem,
            Encryption = PfxEncryption.TripleDesSha1,
            Parallel = 1,
            Shard = Shard.Whole,
            LeaseName = null,
            LeaseNamespace = null,
            Events = false,
            SignIn = SignInMethod.Auto,
            IssuerTimeout = TimeSpan.Zero,
            Vault = new VaultSettings(),
            Endpoints = [],
            Propagation = TimeSpan.FromHours(24),
            EndpointTimeout = TimeSpan.FromSeconds(10),
        };
    }

    public CertSyncOptions Options { get; set; }

    public SyncPolicy Policy
    {
        get => Options.Policy;
        set => Options = Options with { Policy = value };
    }

    public FakeSecrets Secrets { get; } = new();

    public FakeVault[] Vaults { get; }

    public FakeVault Vault => Vaults[0];

    public FakeTimeProvider Clock { get; } = new(Pki.Start.AddDays(30));

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
        var planner = new SyncPlanner(Policy);
        var run = Start(command, output, detailedExitCode);
        var job = new SyncJob(
            Options,
            Secrets,
            Vaults,
            planner,
            new CertificateReconciler(Options, planner, Secrets, Clock),
            new CertificatePruner(Secrets),
            new SyncReporter(run, Policy, Options.Filter, NullLogger<SyncReporter>.Instance),
            Clock,
            new FakeLease(this));
        var result = await job.RunAsync(stopping);
        return new Run(result, output.ToString(), LinesOf(output.ToString()));
    }

    public FakeEndpoints Endpoints { get; } = new();

    /// <summary>A verification; its lines are <c>state endpoint</c>, <c>state namespace/secret</c> or <c>state namespace</c>.</summary>
    public async Task<Run> VerifyAsync(CancellationToken stopping = default)
    {
        using var output = new StringWriter();
        var run = Start("verify", output);
        var job = new VerifyJob(Options, Secrets, Vaults, Endpoints, new ServingReporter(run, Policy, NullLogger<ServingReporter>.Instance), Clock);
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

    /// <summary>Sets the operator's endpoints, all of the first vault.</summary>
    public void Give(params string[] endpoints) =>
        Options = Options with { Endpoints = [.. endpoints.Select(text => ConfiguredEndpoint.Parse(text)! with { Vault = Vault.Vault.Alias })] };

    /// <summary>Puts a Secret, and imports what there is.</summary>
    public Task SyncAsync(string source, string? endpoints = null, Issued? issued = null)
    {
        Secrets.Put(source, issued, endpoints: endpoints);
        return SyncedAsync();
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
        await SyncAsync(source);
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
}
