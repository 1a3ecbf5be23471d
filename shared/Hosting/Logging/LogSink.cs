using ClusterTrust.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting.Logging;

/// <summary>The only way to standard error: sanitizes what it writes, a line at a time, as JSON or as text.</summary>
internal sealed class LogSink
{
    private readonly Lock _lock = new();
    private readonly TextWriter _writer;
    private readonly TimeProvider _clock;
    private readonly JobRun _run;
    private readonly bool _hasColors;

    public LogSink(JobEnvironment environment, LogFormat format, JobRun run)
    {
        (_writer, _clock, _run) = (environment.Error, environment.Clock, run);
        IsText = format == LogFormat.Text || (format == LogFormat.Auto && environment.ErrorIsTerminal);
        _hasColors = IsText
            && environment.ErrorIsTerminal
            && environment.Variables.GetValueOrDefault("NO_COLOR") is null or ""
            && environment.Variables.GetValueOrDefault("TERM") != "dumb";
    }

    /// <summary>Whether lines are text, else JSON.</summary>
    public bool IsText { get; }

    /// <summary>Writes a log entry.</summary>
    public void Write(LogEntry entry)
    {
        var time = _clock.GetUtcNow();
        WriteLine(IsText ? LogLine.AsText(entry, time, _run, _clock.LocalTimeZone, _hasColors) : LogLine.AsJson(entry, time, _run));
    }

    /// <summary>Writes a sentence for a person as text: what ended the run, with the exception if the run is verbose.</summary>
    public void WriteError(string sentence, Exception? exception)
    {
        var label = _hasColors ? LogLine.Color(LogLevel.Error, "error:") : "error:";
        WriteLine($"{label} {Sanitizer.Sanitize(sentence, Sanitizer.MessageLength)}");
        if (exception is not null && _run.Verbose)
        {
            WriteLine(Sanitizer.SanitizeLines(exception.ToString()));
        }
    }

    /// <summary>Writes where a person finds help.</summary>
    public void WriteHint(string sentence) => WriteLine(Sanitizer.Sanitize(sentence, Sanitizer.MessageLength));

    // At once, so that no line is lost however the process ends.
    private void WriteLine(string line)
    {
        lock (_lock)
        {
            _run.Progress.Interrupt(() =>
            {
                _writer.WriteLine(line);
                _writer.Flush();
            });
        }
    }
}
