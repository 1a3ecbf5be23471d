using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting.Logging;

/// <summary>One thing to log.</summary>
/// <param name="Time">When, in UTC.</param>
/// <param name="Level">How grave.</param>
/// <param name="Category">Who logs it.</param>
/// <param name="Event">Its stable number and name.</param>
/// <param name="Message">The text for people, its fields filled in.</param>
/// <param name="Exception">The cause, if any.</param>
/// <param name="Fields">The message's fields.</param>
/// <param name="Scopes">Visits the scopes around it, the outermost first; null when there are none.</param>
internal sealed record LogEntry(
    DateTimeOffset Time,
    LogLevel Level,
    string Category,
    EventId Event,
    string Message,
    Exception? Exception,
    IReadOnlyList<KeyValuePair<string, object?>>? Fields,
    IExternalScopeProvider? Scopes);
