using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting.Logging;

/// <summary>
/// Logs to standard error, one line per entry. The thread that logs writes the line: a one-shot job logs little, and nothing is lost
/// when it exits.
/// </summary>
internal sealed class LineLoggerProvider(LogSink sink) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, this);

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Owns nothing: every line is flushed, and standard error belongs to the process.
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
                    logLevel, category, eventId, formatter(state, exception), exception, state as IReadOnlyList<KeyValuePair<string, object?>>, provider._scopes));
            }
        }
    }

    private void Write(LogEntry entry) => sink.Write(entry);
}
