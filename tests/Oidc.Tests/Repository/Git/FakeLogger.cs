using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>Keeps what is logged.</summary>
internal sealed class FakeLogger : ILogger
{
    public List<string> Messages { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Messages.Add(formatter(state, exception));
}
