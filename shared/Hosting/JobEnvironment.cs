using System.Collections;

namespace ClusterTrust.Hosting;

/// <summary>The environment of a run. Programs use <see cref="ForProcess"/>; tests create their own.</summary>
public sealed record JobEnvironment
{
    /// <summary>The environment variables. Nothing else in the jobs reads them.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>The file for the summary of the run, written if it exists and the settings name no other.</summary>
    public string TerminationLog { get; init; } = "/dev/termination-log";

    /// <summary>The folder of <c>{job}.json</c>, which is read if it exists and the settings name no other file.</summary>
    public string ConfigDirectory { get; init; } = "/etc/clustertrust";

    /// <summary>The clock of log lines and durations.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Registers a callback for each signal that stops the process; disposing unregisters it.</summary>
    public Func<Action, IDisposable> ListenForStop { get; init; } = StopSignals.Listen;

    /// <summary>
    /// The environment of this process. Without a home directory, which a user of a container may not have, .NET fails every TLS
    /// connection while it searches for the user's certificates: <c>HOME</c> is set if it is missing.
    /// </summary>
    public static JobEnvironment ForProcess()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HOME")))
        {
            Environment.SetEnvironmentVariable("HOME", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));
        }

        return new()
        {
            Variables = Environment.GetEnvironmentVariables()
                .Cast<DictionaryEntry>()
                .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? ""),
            Output = Console.Out,
            Error = Console.Error,
            ErrorIsTerminal = !Console.IsErrorRedirected,
        };
    }

    /// <summary>Writes a line to standard error at once, so that none is lost however the process ends.</summary>
    internal void TryWriteError(string line)
    {
        try
        {
            Error.WriteLine(line);
            Error.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed or full: the work is more important than its log.
        }
    }
}
