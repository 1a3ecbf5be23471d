using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Events;

internal static partial class EventLog
{
    [LoggerMessage(EventId = 24, EventName = "EventNotWritten", Level = LogLevel.Debug, Message = "Event {Reason} on {Kind} {Namespace}/{Name} was not written: {Fault}")]
    public static partial void EventNotWritten(this ILogger logger, string reason, string kind, string @namespace, string name, string fault);

    [LoggerMessage(EventId = 25, EventName = "EventsNotWritten", Level = LogLevel.Warning, Message = "Events in namespace {Namespace} are not written, and further ones are logged at debug level only: {Fault}")]
    public static partial void EventsNotWritten(this ILogger logger, string @namespace, string fault);
}
