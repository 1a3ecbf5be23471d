using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Events;

/// <summary>
/// Writes Events (events.k8s.io/v1) about objects, for <c>kubectl describe</c>. An Event that cannot be written never fails a run. A
/// namespace that refuses one (403, 422, ...) gets no further Events in this run, and after three other faults in a row (no connection,
/// 429, 5xx) none is sent at all; either is logged once as a warning. The same Event is written once per run.
/// </summary>
public sealed class EventRecorder
{
    // The API server's limits, in bytes, although its messages name characters.
    private const int MaxNoteBytes = 1024;
    private const int MaxWordBytes = 128;

    private const int MaxNameLength = 253;

    private const int MaxFaultsInARow = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly KubernetesConnection _connection;
    private readonly string _controller;
    private readonly string _instance;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, bool> _written = new();
    private readonly ConcurrentDictionary<string, bool> _refused = new();
    private int _faultsInARow;
    private int _warned;

    /// <param name="connection">Needs <c>create</c> on <c>events</c> of <c>events.k8s.io</c> in the objects' namespaces.</param>
    /// <param name="controller">The reporting controller: a qualified name such as <c>clustertrust.dev/certsync</c>.</param>
    /// <param name="instance">Its instance, such as the pod's name; cut to 128 bytes, <c>unknown</c> when empty.</param>
    /// <param name="logger">Logs Events that could not be written.</param>
    public EventRecorder(KubernetesConnection connection, string controller, string instance, ILogger<EventRecorder> logger)
    {
        (_connection, _logger) = (connection, logger);
        (_controller, _instance) = (controller, instance.Length == 0 ? "unknown" : Cut(instance, MaxWordBytes));
    }

    /// <summary>Writes an Event, or logs why it could not be written.</summary>
    /// <param name="regarding">The object.</param>
    /// <param name="reason">The reason as one word: <c>Imported</c>. 1 to 128 bytes.</param>
    /// <param name="action">The action as one word: <c>Import</c>. 1 to 128 bytes.</param>
    /// <param name="note">A sentence; cut to 1024 bytes of UTF-8. No secrets.</param>
    /// <exception cref="ArgumentException">The reason or the action is empty.</exception>
    /// <exception cref="OperationCanceledException">Only by <paramref name="cancellationToken"/>.</exception>
    public async Task RecordAsync(ObjectReference regarding, EventType type, string reason, string action, string note, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentException.ThrowIfNullOrEmpty(action);

        // Events about cluster-scoped objects belong to the namespace default.
        var ns = regarding.Namespace ?? "default";
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
            EventTime = _connection.Clock.GetUtcNow().UtcDateTime,
            ReportingController = _controller,
            ReportingInstance = _instance,
            Action = Cut(action, MaxWordBytes),
            Reason = Cut(reason, MaxWordBytes),
            Regarding = new V1ObjectReference
            {
                ApiVersion = regarding.ApiVersion,
                Kind = regarding.Kind,
                NamespaceProperty = regarding.Namespace,
                Name = regarding.Name,
                Uid = regarding.Uid,
                ResourceVersion = regarding.ResourceVersion,
            },
            Note = Cut(Sanitizer.Sanitize(note, MaxNoteBytes), MaxNoteBytes),
            Type = type.ToString(),
        };
        try
        {
            await _connection.PostOnceAsync(
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

            _logger.EventNotWritten(reason, regarding.Kind, ns, regarding.Name, fault.Message);
            if ((_refused.ContainsKey(ns) || Volatile.Read(ref _faultsInARow) >= MaxFaultsInARow) && Interlocked.Exchange(ref _warned, 1) == 0)
            {
                _logger.EventsNotWritten(ns, fault.Message);
            }
        }
    }

    /// <summary><c>OBJECT.HEX</c>, as client-go names Events: a DNS subdomain of at most 253 characters, whatever the object's name.</summary>
    internal static string NameOf(string name, string hex)
    {
        var stem = Subdomain(name, MaxNameLength - hex.Length - 1);
        return $"{(stem.Length == 0 ? "event" : stem)}.{hex}";
    }

    // The same within a pod, another in the next pod, which reports again.
    private string Digest(ObjectReference regarding, EventType type, string reason, string action, string note)
    {
        var identity = string.Join('\n', _instance, regarding.ApiVersion, regarding.Kind, regarding.Namespace, regarding.Name, regarding.Uid, type, reason, action, note);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 10));
    }

    /// <summary>Converts a name to a DNS subdomain: lower case letters, digits, hyphens and dots, each label beginning and ending with a letter or digit.</summary>
    private static string Subdomain(string name, int maxLength)
    {
        var subdomain = new StringBuilder();
        foreach (var character in name.AsSpan(0, Math.Min(name.Length, maxLength)))
        {
            var next = char.ToLowerInvariant(character);
            var alphanumeric = char.IsAsciiLetterOrDigit(next);
            if (next == '.')
            {
                TrimEnd();
            }

            // No label may begin with a hyphen or be empty.
            if (alphanumeric || (subdomain.Length > 0 && subdomain[^1] != '.'))
            {
                subdomain.Append(alphanumeric || next == '.' ? next : '-');
            }
        }

        TrimEnd();
        return subdomain.ToString();

        void TrimEnd()
        {
            while (subdomain.Length > 0 && subdomain[^1] is '-' or '.')
            {
                subdomain.Length--;
            }
        }
    }

    private static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var cut = new StringBuilder();
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > maxBytes)
            {
                break;
            }

            cut.Append(rune.ToString());
        }

        return cut.ToString();
    }
}

/// <summary>The type of an Event.</summary>
public enum EventType
{
    /// <summary>Expected.</summary>
    Normal,

    /// <summary>A person should look.</summary>
    Warning,
}

/// <summary>The object of an Event.</summary>
/// <param name="ApiVersion">Such as <c>v1</c> or <c>batch/v1</c>.</param>
/// <param name="Kind">Such as <c>Secret</c> or <c>Job</c>.</param>
/// <param name="Namespace">Its namespace; null for a cluster-scoped object.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid, without which <c>kubectl describe</c> does not show the Event; null when unknown.</param>
/// <param name="ResourceVersion">The version of the object; null when unknown.</param>
public sealed record ObjectReference(string ApiVersion, string Kind, string? Namespace, string Name, string? Uid = null, string? ResourceVersion = null)
{
    /// <summary>A Secret.</summary>
    public static ObjectReference Secret(string ns, string name, string? uid = null, string? resourceVersion = null) => new("v1", "Secret", ns, name, uid, resourceVersion);

    /// <summary>A Job.</summary>
    public static ObjectReference Job(string ns, string name, string? uid = null) => new("batch/v1", "Job", ns, name, uid);
}

internal static partial class EventLog
{
    [LoggerMessage(EventId = 24, EventName = "EventNotWritten", Level = LogLevel.Debug, Message = "Event {Reason} on {Kind} {Namespace}/{Name} was not written: {Fault}")]
    public static partial void EventNotWritten(this ILogger logger, string reason, string kind, string @namespace, string name, string fault);

    [LoggerMessage(EventId = 25, EventName = "EventsNotWritten", Level = LogLevel.Warning, Message = "Events in namespace {Namespace} are not written, and further ones are logged at debug level only: {Fault}")]
    public static partial void EventsNotWritten(this ILogger logger, string @namespace, string fault);
}
