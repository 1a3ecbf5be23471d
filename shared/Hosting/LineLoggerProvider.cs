namespace ClusterTrust.Hosting;

public enum LogFormat
{
    /// <summary>Text when standard error is a terminal, otherwise JSON.</summary>
    Auto,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>Readable lines.</summary>
    Text,
}

/// <summary>
/// All output to standard error: writes every entry as a sanitized line of JSON or text, on the thread that logs. A one-shot job logs
/// little, and nothing is lost when it exits.
/// </summary>
internal sealed class LineLoggerProvider(JobEnvironment environment, LogFormat format, JobRun run) : ILoggerProvider, ISupportExternalScope
{
    private readonly bool _hasColors = environment.ErrorIsTerminal
        && environment.Variables.GetValueOrDefault("NO_COLOR") is null or ""
        && environment.Variables.GetValueOrDefault("TERM") != "dumb";

    private IExternalScopeProvider? _scopes;

    /// <summary>Whether lines are text; otherwise JSON.</summary>
    public bool IsText { get; } = format == LogFormat.Text || (format == LogFormat.Auto && environment.ErrorIsTerminal);

    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // Owns nothing: every line is flushed, and standard error belongs to the process.
    }

    private void Write(LogEntry entry)
    {
        var clock = environment.Clock;
        var line = IsText
            ? LogLine.AsText(entry, clock.GetUtcNow(), run, clock.LocalTimeZone, _hasColors)
            : LogLine.AsJson(entry, clock.GetUtcNow(), run);
        run.Progress.Interrupt(() => environment.TryWriteError(line));
    }

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
