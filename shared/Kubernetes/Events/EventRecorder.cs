using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ClusterTrust.Hosting;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Events;

/// <summary>
/// Writes Events (events.k8s.io/v1) onto objects, so that <c>kubectl describe</c> tells what a run did. Events are a courtesy: one that
/// cannot be written is told at debug level and never fails the run, and after a 403 none is tried any more. The same Event is
/// written once a run.
/// </summary>
public sealed class EventRecorder
{
    private const int MaxNoteBytes = 1024;
    private const int MaxWordLength = 128;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly KubernetesConnection connection;
    private readonly string controller;
    private readonly string instance;
    private readonly ILogger logger;
    private readonly ConcurrentDictionary<string, bool> written = new();
    private volatile bool forbidden;

    /// <param name="connection">Needs <c>create</c> on <c>events</c> of <c>events.k8s.io</c> in the objects' namespaces.</param>
    /// <param name="controller">Who reports, such as <c>certsync</c>: a DNS label.</param>
    /// <param name="instance">Which of them, such as the pod's name.</param>
    /// <param name="logger">Tells of Events that could not be written.</param>
    public EventRecorder(KubernetesConnection connection, string controller, string instance, ILogger<EventRecorder> logger)
    {
        (this.connection, this.logger) = (connection, logger);
        (this.controller, this.instance) = (controller, Cut(instance, MaxWordLength));
    }

    /// <summary>Writes an Event, or tells at debug level why not.</summary>
    /// <param name="regarding">The object.</param>
    /// <param name="reason">Why, as one word: <c>Imported</c>. At most 128 bytes.</param>
    /// <param name="action">What was done, as one word: <c>Import</c>. At most 128 bytes.</param>
    /// <param name="note">A sentence for people; cut to 1024 bytes of UTF-8. No secrets.</param>
    /// <exception cref="OperationCanceledException">Only by <paramref name="cancellation"/>.</exception>
    public async Task RecordAsync(ObjectReference regarding, EventType type, string reason, string action, string note, CancellationToken cancellation)
    {
        // Events on objects of the whole cluster live in the namespace default.
        var ns = regarding.Namespace ?? "default";
        var name = NameOf(regarding, type, reason, action, note);
        if (forbidden || !written.TryAdd($"{ns}/{name}", true))
        {
            return;
        }

        var entry = new KubernetesEvent(
            new KubernetesEvent.EventMeta(name, ns),
            connection.Clock.GetUtcNow(),
            controller,
            instance,
            Cut(action, MaxWordLength),
            Cut(reason, MaxWordLength),
            regarding,
            Cut(note, MaxNoteBytes),
            type.ToString());
        try
        {
            await connection.PostOnceAsync(
                $"/apis/events.k8s.io/v1/namespaces/{Uri.EscapeDataString(ns)}/events",
                entry,
                KubernetesJson.Default.KubernetesEvent,
                Timeout,
                cancellation);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.Conflict)
        {
            // An earlier try of the same run wrote it.
        }
        catch (JobException fault)
        {
            forbidden |= (fault as KubernetesException)?.Status == HttpStatusCode.Forbidden;
            logger.EventNotWritten(reason, regarding.Kind, ns, regarding.Name, fault.Message);
        }
    }

    // The same in the same run, another in the next: a pod that is started again reports again.
    private string NameOf(ObjectReference regarding, EventType type, string reason, string action, string note)
    {
        var identity = string.Join('\n', instance, regarding.ApiVersion, regarding.Kind, regarding.Namespace, regarding.Name, regarding.Uid, type, reason, action, note);
        return $"{controller}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 10))}";
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
