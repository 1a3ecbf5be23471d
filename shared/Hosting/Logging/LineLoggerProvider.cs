using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting.Logging;

/// <summary>
/// Logs to standard error, a line an entry: JSON or text. Lines are written by the thread that logs: a one-shot job logs little, and
/// nothing is lost when it exits.
/// </summary>
internal sealed class LineLoggerProvider(LogSink sink) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, sink, () => _scopes);

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing: lines are flushed as they are written, and standard error is the process's.
    }
}
