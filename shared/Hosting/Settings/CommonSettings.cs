using ClusterTrust.Hosting.Logging;
using ClusterTrust.Telemetry;

namespace ClusterTrust.Hosting.Settings;

/// <summary>The settings that every command of every job has.</summary>
public static class CommonSettings
{
    /// <summary>How results are written to standard output.</summary>
    public static Setting<OutputFormat> Output { get; } =
        Setting.Choice<OutputFormat>("--output", "How results are written to standard output.").WithDefault(OutputFormat.Table);

    /// <summary>What is logged.</summary>
    public static Setting<LogLevels> LogLevel { get; } = Setting.Of(
        "--log-level",
        "The least level that is logged to standard error: trace, debug, information, warning, error or none. More may follow, each for categories "
            + "that begin so: information,ClusterTrust.Kubernetes=debug.",
        "LEVEL[,CATEGORY=LEVEL]",
        LogLevels.Parse).WithDefault(LogLevels.Unsaid);

    /// <summary>How log lines look.</summary>
    public static Setting<LogFormat> LogFormat { get; } = Setting.Choice<LogFormat>(
        "--log-format",
        "How log lines look; auto means text on a terminal and JSON lines elsewhere.").WithDefault(Logging.LogFormat.Auto);

    /// <summary>Debug level and stack traces.</summary>
    public static Setting<bool> Verbose { get; } =
        Setting.Switch("--verbose", "Log at debug level, unless --log-level says otherwise, and show the stack traces of errors.");

    /// <summary>The JSON configuration file.</summary>
    public static Setting<string?> Config { get; } =
        Setting.FilePath("--config", "A JSON file with settings; it must be there when it is named here.").Optional();

    /// <summary>Where the container's termination message is read from.</summary>
    public static Setting<string?> TerminationLog { get; } = Setting.FilePath(
        "--termination-log",
        "The file that takes the one-line summary of the run, if it is there: the container's terminationMessagePath, /dev/termination-log unless set.",
        mustBeReadable: false).Optional();

    internal static IReadOnlyList<Setting> All { get; } = [Output, LogLevel, LogFormat, Verbose, Config, TerminationLog, .. TelemetrySettings.All];
}
