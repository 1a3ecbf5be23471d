using System.Collections;

namespace ClusterTrust.Hosting;

/// <summary>What a run touches of the process around it. Programs use <see cref="ForProcess"/>; tests make their own.</summary>
public sealed record JobEnvironment
{
    /// <summary>The environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>Standard output: results.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error: logs.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>True when standard output is a terminal.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>True when standard error is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The file that takes the summary, when it is there and the settings name no other.</summary>
    public string TerminationLog { get; init; } = "/dev/termination-log";

    /// <summary>The folder in which <c>{job}.json</c> is looked for when no configuration file is named.</summary>
    public string ConfigDirectory { get; init; } = "/etc/clustertrust";

    /// <summary>The clock of log lines and durations.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Begins to listen for the signals that ask the process to stop, and calls back on each; disposing ends it.</summary>
    public Func<Action, IDisposable> ListenForStop { get; init; } = StopSignals.Listen;

    /// <summary>The process as it is.</summary>
    public static JobEnvironment ForProcess() => new()
    {
        Variables = Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? ""),
        Output = Console.Out,
        Error = Console.Error,
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
    };
}
