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
/// Writes Events (events.k8s.io/v1) onto objects, so that <c>kubectl describe</c> shows what a run did. An Event that cannot be written
/// never fails a run. A namespace that refuses one (403, 422, ...) gets no further Events in this run, and after three faults of other
/// kinds in a row (no connection, 429, 5xx) none is tried at all; either is logged once as a warning. The same Event is written once a run.
/// </summary>
public sealed class EventRecorder
{
    // The limits that the API server validates; it counts bytes, whatever its message says.
    private const int MaxNoteBytes = 1024;
    private const int MaxWordBytes = 128;

    private const int MaxNameLength = 253;

    private const int MaxFaultsInARow = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly KubernetesConnection connection;
    private readonly string controller;
    private readonly string instance;
    private readonly ILogger logger;
    private readonly ConcurrentDictionary<string, bool> written = new();
    private readonly ConcurrentDictionary<string, bool> refused = new();
    private int faultsInARow;
    private int warned;

    /// <param name="connection">Needs <c>create</c> on <c>events</c> of <c>events.k8s.io</c> in the objects' namespaces.</param>
    /// <param name="controller">Who reports: a qualified name such as <c>clustertrust.dev/certsync</c>.</param>
    /// <param name="instance">Which of them, such as the pod's name; cut to 128 bytes, <c>unknown</c> when empty.</param>
    /// <param name="logger">Where Events that could not be written are logged.</param>
    public EventRecorder(KubernetesConnection connection, string controller, string instance, ILogger<EventRecorder> logger)
    {
        (this.connection, this.logger) = (connection, logger);
        (this.controller, this.instance) = (controller, instance.Length == 0 ? "unknown" : Cut(instance, MaxWordBytes));
    }

    /// <summary>Writes an Event, or logs why it could not be written.</summary>
    /// <param name="regarding">The object.</param>
    /// <param name="reason">Why, as one word: <c>Imported</c>. 1 to 128 bytes.</param>
    /// <param name="action">What was done, as one word: <c>Import</c>. 1 to 128 bytes.</param>
    /// <param name="note">A sentence for people; cut to 1024 bytes of UTF-8. No secrets.</param>
    /// <exception cref="ArgumentException">The reason or the action is empty.</exception>
    /// <exception cref="OperationCanceledException">Only by <paramref name="cancellation"/>.</exception>
    public async Task RecordAsync(ObjectReference regarding, EventType type, string reason, string action, string note, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentException.ThrowIfNullOrEmpty(action);

        // Events on objects of the whole cluster live in the namespace default.
        var ns = regarding.Namespace ?? "default";
        var name = NameOf(regarding.Name, Digest(regarding, type, reason, action, note));
        if (Volatile.Read(ref faultsInARow) >= MaxFaultsInARow || refused.ContainsKey(ns) || !written.TryAdd($"{ns}/{name}", true))
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
            await connection.PostOnceAsync(
                $"/apis/events.k8s.io/v1/namespaces/{Uri.EscapeDataString(ns)}/events",
                entry,
                KubernetesJson.Default.Eventsv1Event,
                Timeout,
                cancellation);
            Volatile.Write(ref faultsInARow, 0);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.Conflict)
        {
            // An earlier try of the same run wrote it.
            Volatile.Write(ref faultsInARow, 0);
        }
        catch (JobException fault)
        {
            if ((fault as KubernetesException)?.Status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests)
            {
                refused[ns] = true;
            }
            else
            {
                Interlocked.Increment(ref faultsInARow);
            }

            logger.EventNotWritten(reason, regarding.Kind, ns, regarding.Name, fault.Message);
            if ((refused.ContainsKey(ns) || Volatile.Read(ref faultsInARow) >= MaxFaultsInARow) && Interlocked.Exchange(ref warned, 1) == 0)
            {
                logger.EventsNotWritten(ns, fault.Message);
            }
        }
    }

    /// <summary><c>OBJECT.HEX</c>, as client-go names Events: a DNS subdomain of at most 253 characters whatever the object is called.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="hex">What tells its Events apart, in lower case.</param>
    internal static string NameOf(string name, string hex)
    {
        var stem = Subdomain(name, MaxNameLength - hex.Length - 1);
        return $"{(stem.Length == 0 ? "event" : stem)}.{hex}";
    }

    // The same in the same run, another in the next: a pod that is started again reports again.
    private string Digest(ObjectReference regarding, EventType type, string reason, string action, string note)
    {
        var identity = string.Join('\n', instance, regarding.ApiVersion, regarding.Kind, regarding.Namespace, regarding.Name, regarding.Uid, type, reason, action, note);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 10));
    }

    /// <summary>What of a name can begin a DNS subdomain: lower case letters, digits, hyphens and dots, each label beginning and ending with a letter or digit.</summary>
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

            // No label begins with a hyphen, and none is empty.
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
