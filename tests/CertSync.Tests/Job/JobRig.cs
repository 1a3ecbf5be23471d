namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>The whole job in process, with fakes of its edges: the vaults, the API server, the Lease.</summary>
internal sealed class JobRig
{
    public JobRig(params string[] vaults)
    {
        Vaults = [.. (vaults.Length == 0 ? ["main"] : vaults).Select(static alias => new FakeVault(alias))];
        Options = new CertSyncOptions(new Hosting.Settings.SettingValues("", new Dictionary<string, string>()))
        {
            Vaults = [.. Vaults.Select(static vault => vault.Vault)],
            Names = new VaultNames(VaultNames.NameOnly, Make.Cluster),
            Policy = Make.Policy,
            Format = CertificateFormat.Pem,
            Parallel = 1,
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

    /// <summary>The holder of the Lease, one sentence; null for none.</summary>
    public string? LeaseHolder { get; set; }

    /// <summary>The form of the output. Only JSON is read into lines.</summary>
    public OutputFormat Format { get; set; } = OutputFormat.Json;

    public CancellationTokenSource Stop { get; } = new();

    /// <summary>Cancelled when the Lease is lost.</summary>
    public CancellationTokenSource LeaseLost { get; } = new();

    /// <summary>A run's end and its lines, <c>action reason namespace/secret</c> or <c>action reason name</c>.</summary>
    public sealed record Run(JobResult Result, string Output, IReadOnlyList<string> Lines)
    {
        public Run Expect(ExitCode exitCode, params string[] lines)
        {
            Assert.Equal(lines, Lines);
            Assert.Equal(exitCode, Result.ExitCode);
            return this;
        }
    }

    public async Task<Run> RunAsync(string command = "sync", bool detailedExitCode = false)
    {
        using var output = new StringWriter();
        var planner = new SyncPlanner(Policy);
        var reporter = new SyncReporter(Start(command, output, detailedExitCode), Policy, Options.Filter, NullLogger<SyncReporter>.Instance);
        var reconciler = new CertificateReconciler(Options, planner, Secrets, Clock);
        var job = new SyncJob(Options, Secrets, Vaults, planner, reconciler, new CertificatePruner(Secrets), reporter, Clock, new FakeLease(this));
        var result = await job.RunAsync(Stop.Token);
        return Read(result, output, "actions", static line =>
            $"{line.GetProperty("action")} {line.GetProperty("reason")} {string.Join(',', line.GetProperty("secrets").EnumerateArray())}".TrimEnd());
    }

    public FakeEndpoints Endpoints { get; } = new();

    /// <summary>A verification; its lines are <c>state endpoint</c>, <c>state namespace/secret</c> or <c>state namespace</c>.</summary>
    public async Task<Run> VerifyAsync()
    {
        using var output = new StringWriter();
        var reporter = new ServingReporter(Start("verify", output), Policy, NullLogger<ServingReporter>.Instance);
        var result = await new VerifyJob(Options, Secrets, Vaults, Endpoints, reporter, Clock).RunAsync(Stop.Token);
        return Read(result, output, "endpoints", static line =>
            $"{line.GetProperty("state")} {(line.TryGetProperty("endpoint", out var endpoint) ? endpoint : line.TryGetProperty("secret", out var secret) ? secret : line.GetProperty("namespace"))}");
    }

    public Task<Run> PlanAsync() => RunAsync("plan");

    public async Task<Run> ExpectAsync(ExitCode exitCode, params string[] lines) => (await RunAsync()).Expect(exitCode, lines);

    /// <summary>Runs, and asserts how it ends, its lines, and that no vault was changed.</summary>
    public async Task<Run> ExpectUnchangedAsync(ExitCode exitCode, params string[] lines)
    {
        var run = await ExpectAsync(exitCode, lines);
        Assert.All(Vaults, static vault => Assert.Empty(vault.Writes));
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

    public async Task SyncedAsync()
    {
        Assert.Equal(ExitCode.Done, (await RunAsync()).Result.ExitCode);
        Array.ForEach(Vaults, static vault => vault.Writes.Clear());
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

        public Task<string?> AcquireAsync(CancellationToken cancellationToken)
        {
            rig.LeasesTaken++;
            return Task.FromResult(rig.LeaseHolder);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private JobRun Start(string command, TextWriter output, bool detailedExitCode = false) =>
        new() { Job = "certsync", Command = command, RunId = "0", Output = output, Format = Format, DetailedExitCode = detailedExitCode };

    private Run Read(JobResult result, StringWriter output, string list, Func<JsonElement, string> line)
    {
        using var report = JsonDocument.Parse(Format != OutputFormat.Json || output.GetStringBuilder().Length == 0 ? $$"""{"{{list}}":[]}""" : output.ToString());
        return new Run(result, output.ToString(), [.. report.RootElement.GetProperty(list).EnumerateArray().Select(line)]);
    }
}
