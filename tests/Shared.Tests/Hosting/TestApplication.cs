namespace ClusterTrust.Shared.Tests.Hosting;

/// <summary>A small application in an environment of its own: a folder, variables, writers and a stop signal.</summary>
internal sealed class TestApplication : IDisposable
{
    public static readonly Setting<string> Cluster = Setting.Text("--cluster", "The cluster's name in tags.", "NAME");
    public static readonly Setting<TimeSpan> Retain =
        Setting.Duration("--retain-removed-keys", "How long a removed key stays.").WithDefault(TimeSpan.FromHours(48));
    public static readonly Setting<int> Retries = Setting.Number("--max-retries", "How often to try again.", 0, 10).WithDefault(3);
    public static readonly Setting<IReadOnlyList<string>> Vaults =
        Setting.ListOf(Setting.Text("--vault", "A vault to write to.", "NAME")).WithAlias("AZURE_KEY_VAULT_NAME", static text => Parsed.Value<IReadOnlyList<string>>([text]));
    public static readonly Setting<bool> Prune = Setting.Switch("--prune", "Remove what has no source.");
    public static readonly Setting<string?> Token = Setting.Text("--hub-token", "A token.").AsSecret().Optional();

    private readonly TemporaryFolder _folder = new();
    private Action? _stop;

    public TestApplication(Func<IServiceProvider, CancellationToken, Task<JobResult>>? work = null)
    {
        Work = work ?? Succeed;
        TerminationLog = WriteFile("", "termination-log");
        Application = new(
            "certsync",
            "Keeps vaults equal to Secrets.",
            new("sync", "Writes to the vaults.")
            {
                Settings = [Cluster, Retain, Retries, Vaults, Prune, Token],
                Examples = [("certsync sync --cluster prod", "Sync one cluster.")],
                Scope = values => [new("cluster", values.TryGet(Cluster, out var name) ? name : null)],
                Validate = Check,
                Configure = Configure,
            },
            new("plan", "Writes nothing.")
            {
                Settings = [Cluster, Vaults, CommonSettings.DetailedExitCode, Setting.Choice("--output", "What to print.", [("json", OutputFormat.Json), ("lines", OutputFormat.Table)]).WithDefault(OutputFormat.Table)],
                Configure = Configure,
            });
    }

    public JobApplication Application { get; }

    public Func<IServiceProvider, CancellationToken, Task<JobResult>> Work { get; set; }

    public string Folder => _folder.Path;

    public string TerminationLog { get; }

    public Dictionary<string, string> Variables { get; } = [];

    public StringWriter Output { get; } = new();

    public StringWriter Error { get; } = new();

    public TextWriter? OtherOutput { get; set; }

    public TextWriter? OtherError { get; set; }

    public bool IsTerminal { get; set; }

    /// <summary>Whether a signal would ask the run to stop, and not end the process.</summary>
    public bool IsListening { get; private set; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Adds services to the job's.</summary>
    public Action<IServiceCollection> Services { get; set; } = static _ => { };

    public SettingValues? Values { get; private set; }

    /// <summary>The termination message.</summary>
    public JsonNode Summary => JsonNode.Parse(File.ReadAllText(TerminationLog))!;

    public string[] ErrorLines => Error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Task<JobResult> Succeed(IServiceProvider services, CancellationToken stopping) =>
        Task.FromResult(JobResult.Done("2 created") with { Counts = [new("created", 2), new("failed", 0)] });

    public Task<int> RunAsync(params string[] args) => Application.RunAsync(args, new()
    {
        Variables = Variables,
        Output = OtherOutput ?? Output,
        Error = OtherError ?? Error,
        ErrorIsTerminal = IsTerminal,
        TerminationLog = TerminationLog,
        ConfigDirectory = Folder,
        Clock = Clock,
        ListenForStop = stop =>
        {
            (_stop, IsListening) = (stop, true);
            return new Listening(this);
        },
    });

    /// <summary>Runs, which must be done, and returns what is on standard output.</summary>
    public async Task<string> PrintAsync(params string[] args)
    {
        Assert.Equal(0, await RunAsync(args));
        return Output.ToString();
    }

    /// <summary>Runs and returns the values that the command was configured with.</summary>
    public async Task<SettingValues> ReadAsync(params string[] args)
    {
        await PrintAsync(args);
        return Values!;
    }

    public void Stop() => _stop!();

    /// <summary>Sets an environment variable; null removes it.</summary>
    public void Set(string variable, string? value)
    {
        if (value is not null)
        {
            Variables[variable] = value;
        }
    }

    public string WriteFile(string text, string name = "certsync.json") => _folder.Write(name, text);

    public void Dispose() => _folder.Dispose();

    private void Configure(IServiceCollection services, SettingValues values)
    {
        Values = values;
        Services(services);
        services.AddSingleton<IJob>(provider => new TestJob(provider, Work));
    }

    private static void Check(SettingValues values)
    {
        if (values.TryGet(Retain, out var retain) && retain > TimeSpan.FromDays(30))
        {
            values.Faults.Add(Retain, "must be at most 30 days");
        }
    }

    private sealed class Listening(TestApplication application) : IDisposable
    {
        public void Dispose() => application.IsListening = false;
    }

    private sealed class TestJob(IServiceProvider services, Func<IServiceProvider, CancellationToken, Task<JobResult>> work) : IJob
    {
        public Task<JobResult> RunAsync(CancellationToken stopping) => work(services, stopping);
    }
}
