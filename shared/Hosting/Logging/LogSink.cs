using ClusterTrust.Text;

namespace ClusterTrust.Hosting.Logging;

/// <summary>Where log lines go, and how they look.</summary>
internal sealed class LogSink
{
    private readonly Lock _lock = new();
    private readonly TextWriter _writer;

    public LogSink(JobEnvironment environment, LogFormat format, JobRun run)
    {
        _writer = environment.Error;
        Clock = environment.Clock;
        Run = run;
        IsText = format == LogFormat.Text || (format == LogFormat.Auto && environment.ErrorIsTerminal);
        HasColors = IsText
            && environment.ErrorIsTerminal
            && environment.Variables.GetValueOrDefault("NO_COLOR") is null or ""
            && environment.Variables.GetValueOrDefault("TERM") != "dumb";
    }

    /// <summary>Readable lines, else JSON.</summary>
    public bool IsText { get; }

    /// <summary>Readable lines are coloured.</summary>
    public bool HasColors { get; }

    public TimeProvider Clock { get; }

    public JobRun Run { get; }

    /// <summary>Writes a line at once, so that none is lost however the process ends.</summary>
    public void WriteLine(string line)
    {
        var shown = Redaction.Redact(line);
        lock (_lock)
        {
            Run.Progress.Interrupt(() =>
            {
                _writer.WriteLine(shown);
                _writer.Flush();
            });
        }
    }
}
