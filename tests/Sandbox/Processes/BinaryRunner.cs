using System.Collections;

namespace ClusterTrust.Sandbox.Processes;

/// <summary>
/// Runs one program as a process with a clean environment: PATH, an empty HOME of its own, the .NET installation of this
/// process (a program that is not native needs it), and what is given. Stdin is empty. Dispose kills whatever still runs.
/// </summary>
public sealed class BinaryRunner(string fileName) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("clustertrust-run-");
    private readonly ConcurrentBag<RunningProcess> _started = [];

    /// <summary>
    /// Runs a job in this process instead, which costs a fraction of a start; null when every run is a process. It answers null when the
    /// run needs one, because of its variables or its folder.
    /// </summary>
    public static Func<JobCall, CancellationToken, Task<Output>?>? InProcess { get; set; }

    /// <summary>Checks what every run of a job that went to its end has written; null for no check.</summary>
    public static Action<JobCall, Output>? CheckOutput { get; set; }

    /// <summary>Whether every run is a process, whatever <see cref="InProcess"/> could do.</summary>
    public bool AlwaysStarts { get; init; }

    public string Home => _folder.CreateFolder("home");

    /// <summary>Variables that every run gets; those of a single run take precedence.</summary>
    public IDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder to run in; HOME when null.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>Adds the variables of this process, for a program that finds its settings there.</summary>
    public BinaryRunner InheritEnvironment()
    {
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            Environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return this;
    }

    /// <summary>Starts the program and leaves it running.</summary>
    /// <param name="arguments">Its arguments, passed on as they are, without a shell.</param>
    public RunningProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, ReadOnlyMemory<byte> input = default)
    {
        var process = Create(arguments, environment, input);
        _started.Add(process);
        return process;
    }

    /// <summary>Runs the program to its end; a job by <see cref="InProcess"/> where that is set.</summary>
    /// <param name="timeout">How long it may take, ten minutes when null.</param>
    /// <param name="input">Bytes for stdin; a job gets none.</param>
    public async Task<Output> RunAsync(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? timeout = null,
        ReadOnlyMemory<byte> input = default,
        CancellationToken cancellationToken = default)
    {
        if (!Binaries.IsJob(fileName))
        {
            await using var process = Create(arguments, environment, input);
            return await process.WaitAsync(timeout, cancellationToken);
        }

        var variables = new Dictionary<string, string>(Environment) { ["HOME"] = Home };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        var call = new JobCall(Path.GetFileName(fileName), [.. arguments], variables);
        var inProcess = AlwaysStarts || WorkingDirectory is not null ? null : InProcess?.Invoke(call, cancellationToken);
        var output = inProcess is null
            ? await Start(call.Arguments, environment).WaitAsync(timeout, cancellationToken)
            : await inProcess.WaitAsync(timeout ?? TimeSpan.FromMinutes(10), cancellationToken);
        CheckOutput?.Invoke(call, output);
        return output;
    }

    public Task<Output> RunAsync(params string[] arguments) => RunAsync(arguments, environment: null);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            await process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private RunningProcess Create(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, ReadOnlyMemory<byte> input)
    {
        var start = new ProcessStartInfo(fileName, arguments) { WorkingDirectory = WorkingDirectory ?? Home };

        // Nothing of the surroundings, except where programs are and, for a job, how the runtime compiles (the Makefile says why).
        bool IsKept(string name) => name == "PATH" || (Binaries.IsJob(fileName) && name.StartsWith("DOTNET_", StringComparison.Ordinal));
        Array.ForEach([.. start.Environment.Keys.Where(name => !IsKept(name))], name => start.Environment.Remove(name));
        start.Environment["HOME"] = Home;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        foreach (var (name, value) in Environment.Concat(environment ?? new Dictionary<string, string>()))
        {
            start.Environment[name] = value;
        }

        return new RunningProcess(start, input, Binaries.IsJob(fileName) ? GiveTerminationLog(start) : null);
    }

    /// <summary>As the kubelet does: an empty file, which the job writes its summary into.</summary>
    private string GiveTerminationLog(ProcessStartInfo start)
    {
        var variable = Path.GetFileName(fileName).ToUpperInvariant() + "_TERMINATION_LOG";
        return start.Environment.TryGetValue(variable, out var own) && own is not null
            ? own
            : start.Environment[variable] = _folder.Write($"{Guid.NewGuid():N}", "");
    }
}

public sealed record JobCall(string Job, string[] Arguments, IReadOnlyDictionary<string, string> Variables);

/// <summary>What a process left when it ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + the signal's number when a signal ended it.</param>
public sealed record Output(int ExitCode, string StandardOutput, string StandardError)
{
    public byte[] Bytes { get; init; } = [];

    /// <summary>A job's summary, as Kubernetes would show it as the container's termination message; empty if it left none.</summary>
    public string TerminationMessage { get; init; } = "";

    public Output OrThrow() => ExitCode == 0 ? this : throw new InvalidOperationException(ToString());

    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{StandardOutput}\n--- stderr\n{StandardError}";
}
