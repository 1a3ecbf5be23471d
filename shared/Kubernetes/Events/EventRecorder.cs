using System.Collections.Concurrent;
using System.Text.Unicode;
using k8s.Models;

namespace ClusterTrust.Kubernetes.Events;

/// <summary>
/// Writes Events (events.k8s.io/v1) about objects, for <c>kubectl describe</c>. An Event that cannot be written never fails a run. A
/// namespace that refuses one (403, 422, ...) receives no further Events in this run, and after three other faults in a row (no connection,
/// 429, 5xx) none is sent at all; either is logged once as a warning. The same Event is written once per run.
/// </summary>
/// <param name="connection">Needs <c>create</c> on <c>events</c> of <c>events.k8s.io</c> in the objects' namespaces.</param>
/// <param name="controller">The reporting controller: a qualified name such as <c>clustertrust.dev/certsync</c>.</param>
/// <param name="instance">Its instance, such as the pod's name. 1 to 128 bytes.</param>
/// <param name="logger">Logs Events that could not be written.</param>
public sealed class EventRecorder(KubernetesConnection connection, string controller, string instance, ILogger<EventRecorder> logger)
{
    // The API server's limit, although its message names characters.
    private const int MaxNoteBytes = 1024;

    private const int MaxNameLength = 253;

    private const int MaxFaultsInARow = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, bool> _written = new();
    private readonly ConcurrentDictionary<string, bool> _refused = new();
    private int _faultsInARow;
    private int _warned;

    /// <summary>Writes an Event, or logs why it could not be written.</summary>
    /// <param name="regarding">The object. Without its uid, <c>kubectl describe</c> does not show the Event.</param>
    /// <param name="isWarning">Whether the type is Warning; otherwise Normal.</param>
    /// <param name="reason">The reason as one word: <c>Imported</c>. 1 to 128 bytes.</param>
    /// <param name="action">The action as one word: <c>Import</c>. 1 to 128 bytes.</param>
    /// <param name="note">A sentence; cut to 1024 bytes of UTF-8. No secrets.</param>
    /// <exception cref="OperationCanceledException">Only by <paramref name="cancellationToken"/>.</exception>
    public async Task RecordAsync(V1ObjectReference regarding, bool isWarning, string reason, string action, string note, CancellationToken cancellationToken)
    {
        var (ns, type) = (regarding.NamespaceProperty, isWarning ? "Warning" : "Normal");
        var name = NameOf(regarding.Name, Digest(regarding, type, reason, action, note));
        if (Volatile.Read(ref _faultsInARow) >= MaxFaultsInARow || _refused.ContainsKey(ns) || !_written.TryAdd($"{ns}/{name}", true))
        {
            return;
        }

        var entry = new Eventsv1Event
        {
            ApiVersion = "events.k8s.io/v1",
            Kind = "Event",
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns },
            EventTime = connection.Clock.GetUtcNow().UtcDateTime,
            ReportingController = controller,
            ReportingInstance = instance,
            Action = action,
            Reason = reason,
            Regarding = regarding,
            Note = Cut(Sanitizer.Sanitize(note, MaxNoteBytes)),
            Type = type,
        };
        try
        {
            await connection.PostOnceAsync(
                $"/apis/events.k8s.io/v1/namespaces/{Uri.EscapeDataString(ns)}/events",
                entry,
                KubernetesJson.Default.Eventsv1Event,
                Timeout,
                cancellationToken);
            Volatile.Write(ref _faultsInARow, 0);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.Conflict)
        {
            // An earlier request of this pod wrote it.
            Volatile.Write(ref _faultsInARow, 0);
        }
        catch (JobException fault)
        {
            if ((fault as KubernetesException)?.Status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests)
            {
                _refused[ns] = true;
            }
            else
            {
                Interlocked.Increment(ref _faultsInARow);
            }

            logger.EventNotWritten(reason, regarding.Kind, ns, regarding.Name, fault.Message);
            if ((_refused.ContainsKey(ns) || Volatile.Read(ref _faultsInARow) >= MaxFaultsInARow) && Interlocked.Exchange(ref _warned, 1) == 0)
            {
                logger.EventsNotWritten(ns, fault.Message);
            }
        }
    }

    /// <summary><c>OBJECT.HEX</c>, as client-go names Events: a DNS subdomain of at most 253 characters.</summary>
    internal static string NameOf(string name, string hex) => $"{name[..Math.Min(name.Length, MaxNameLength - hex.Length - 1)].TrimEnd('-', '.')}.{hex}";

    // The same within a pod, another in the next pod, which reports again.
    private string Digest(V1ObjectReference regarding, string type, string reason, string action, string note)
    {
        var identity = string.Join('\n', instance, regarding.ApiVersion, regarding.Kind, regarding.NamespaceProperty, regarding.Name, regarding.Uid, type, reason, action, note);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 10));
    }

    private static string Cut(string note)
    {
        Utf8.FromUtf16(note, new byte[MaxNoteBytes], out var fitting, out _);
        return note[..fitting];
    }
}

internal static partial class EventLog
{
    [LoggerMessage(EventId = 24, EventName = "EventNotWritten", Level = LogLevel.Debug, Message = "Event {Reason} on {Kind} {Namespace}/{Name} was not written: {Fault}")]
    public static partial void EventNotWritten(this ILogger logger, string reason, string kind, string @namespace, string name, string fault);

    [LoggerMessage(EventId = 25, EventName = "EventsNotWritten", Level = LogLevel.Warning, Message = "Events in namespace {Namespace} are not written, and further ones are logged at debug level only: {Fault}")]
    public static partial void EventsNotWritten(this ILogger logger, string @namespace, string fault);
}
