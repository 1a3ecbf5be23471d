using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting;

/// <summary>The format of log lines.</summary>
public enum LogFormat
{
    /// <summary>Text when standard error is a terminal, else JSON.</summary>
    Auto,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>Readable lines.</summary>
    Text,
}

/// <summary>The only way to standard error: sanitizes what it writes, a line at a time, as JSON or as text.</summary>
internal sealed class LogSink
{
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

    public void Write(LogEntry entry)
    {
        var time = _clock.GetUtcNow();
        var line = IsText ? LogLine.AsText(entry, time, _run, _clock.LocalTimeZone, _hasColors) : LogLine.AsJson(entry, time, _run);
        try
        {
            _run.Progress.Interrupt(() =>
            {
                // Flushed at once, so that no line is lost however the process ends.
                _writer.WriteLine(line);
                _writer.Flush();
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed or full: the work is more important than its log.
        }
    }
}

/// <summary>Logs to a <see cref="LogSink"/>, one line per entry, on the thread that logs: a one-shot job logs little, and nothing is lost when it exits.</summary>
internal sealed class LineLoggerProvider(LogSink sink) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // Owns nothing: every line is flushed, and standard error belongs to the process.
    }

    private void Write(LogEntry entry) => sink.Write(entry);

    private sealed class LineLogger(string category, LineLoggerProvider provider) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => provider._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Write(new LogEntry(
                    logLevel, category, eventId, formatter(state, exception), exception, state as IReadOnlyList<KeyValuePair<string, object?>> ?? [], provider._scopes));
            }
        }
    }
}
