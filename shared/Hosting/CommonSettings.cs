using ClusterTrust.Hosting.Logging;
using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.Hosting;

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
        LogLevels.Parse).WithDefault(LogLevels.Default);

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

    /// <summary>The file that metrics are written to, for node-exporter's textfile collector.</summary>
    public static Setting<string?> MetricsFile { get; } = Setting.FilePath(
        "--metrics-file", "Write the run's metrics to this file in Prometheus' text format, for node-exporter's textfile collector (NAME.prom).", mustBeReadable: false).Optional();

    /// <summary>The Pushgateway that metrics are pushed to.</summary>
    public static Setting<Uri?> Pushgateway { get; } = Setting.Of(
        "--pushgateway",
        "Push the run's metrics to this Prometheus Pushgateway.",
        "URL",
        static text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "", UserInfo: "" }
            ? Parsed.Value(uri)
            : Parsed.Fault<Uri>("must be the Pushgateway's address, such as http://pushgateway.monitoring:9091")).Optional();

    internal static IReadOnlyList<Setting> All { get; } = [Output, LogLevel, LogFormat, Verbose, Config, TerminationLog, MetricsFile, Pushgateway];
}
