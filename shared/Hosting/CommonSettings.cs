namespace ClusterTrust.Hosting;

/// <summary>The settings that every command of every job has.</summary>
public static class CommonSettings
{
    public static Setting<OutputFormat> Output { get; } =
        Setting.Choice<OutputFormat>("--output", "The format of the results on standard output.").WithDefault(OutputFormat.Table);

    public static Setting<LogLevels> LogLevel { get; } = Setting.Of(
        "--log-level",
        "The minimum level to log to standard error: trace, debug, information, warning, error or none. Add levels for categories by prefix: information,ClusterTrust.Kubernetes=debug.",
        "LEVEL[,CATEGORY=LEVEL]",
        LogLevels.Parse).WithDefault(LogLevels.Default);

    public static Setting<LogFormat> LogFormat { get; } = Setting.Choice<LogFormat>(
        "--log-format",
        "The format of log lines. auto writes text to a terminal, and JSON lines otherwise.").WithDefault(Hosting.LogFormat.Auto);

    public static Setting<bool> Verbose { get; } =
        Setting.Switch("--verbose", "Log at debug level, unless --log-level is set, and show stack traces of errors.");

    public static Setting<string?> Config { get; } =
        Setting.FilePath("--config", "A JSON file with settings. A file named here must exist.").Optional();

    public static Setting<string?> TerminationLog { get; } = Setting.FilePath(
        "--termination-log",
        "The file for the one-line summary of the run, written if it exists: the container's terminationMessagePath. Defaults to /dev/termination-log.",
        mustBeReadable: false).Optional();

    public static Setting<string?> MetricsFile { get; } = Setting.FilePath(
        "--metrics-file", "Write the run's metrics to this file in Prometheus' text format, for node-exporter's textfile collector (NAME.prom).", mustBeReadable: false).Optional();

    public static Setting<Uri?> Pushgateway { get; } =
        Setting.Url("--pushgateway", "Push the run's metrics to this Prometheus Pushgateway.", "http", "https").Optional();

    /// <summary>Whether a plan reports pending changes by its exit code; off by default. Only commands that plan have it.</summary>
    public static Setting<bool> DetailedExitCode { get; } = Setting.Switch(
        "--detailed-exitcode", "Exit with 4 instead of 0 if there are changes to make. Other outcomes keep their exit codes.");

    internal static IReadOnlyList<Setting> All { get; } = [Output, LogLevel, LogFormat, Verbose, Config, TerminationLog, MetricsFile, Pushgateway];
}
