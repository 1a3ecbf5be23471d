using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting.Logging;

/// <summary>Writes the entries of one category, a line each.</summary>
internal sealed class LineLogger(string category, LogSink sink, Func<IExternalScopeProvider?> scopes) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => scopes()?.Push(state);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var entry = new LogEntry(
            sink.Clock.GetUtcNow(),
            logLevel,
            category,
            eventId,
            formatter(state, exception),
            exception,
            state as IReadOnlyList<KeyValuePair<string, object?>>,
            scopes());
        sink.WriteLine(sink.IsText
            ? LogLine.AsText(entry, sink.Run, sink.Clock.LocalTimeZone, sink.HasColors)
            : LogLine.AsJson(entry, sink.Run));
    }
}
