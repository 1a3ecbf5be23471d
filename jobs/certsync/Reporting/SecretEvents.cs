using ClusterTrust.CertSync.Planning;
using ClusterTrust.Kubernetes.Events;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Puts what a run did on the Secrets themselves, where <c>kubectl describe secret</c> shows it. Never fails a run.</summary>
/// <param name="recorder">Writes Events.</param>
/// <param name="parallel">How many at the same time, at least 1.</param>
public sealed class SecretEvents(EventRecorder recorder, int parallel)
{
    /// <summary>Writes an Event on each Secret of every line that changed something, failed or was refused.</summary>
    public async Task RecordAsync(SyncReport report, CancellationToken cancellation)
    {
        var events = report.Lines().SelectMany(line => line.Sources.Select(secret => (Line: line, Secret: secret)))
            .Where(told => Reason(told.Line) is not null);
        try
        {
            await Parallel.ForEachAsync(
                events,
                new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation },
                async (told, token) => await recorder.RecordAsync(
                    ObjectReference.Secret(told.Secret.Namespace, told.Secret.Name, told.Secret.Uid, told.Secret.ResourceVersion),
                    told.Line.Kind is ActionKind.Fail or ActionKind.Refuse ? EventType.Warning : EventType.Normal,
                    Reason(told.Line)!,
                    "Sync",
                    $"{told.Line.Name} in {told.Line.Vault}: {told.Line.Sentence}",
                    token));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Everything is done by now; the report must not be lost for the sake of the rest of its Events.
        }
    }

    /// <summary>The Event's reason, in the field's upper camel case; null for a line that is no news.</summary>
    private static string? Reason(SyncAction line) => line.Kind switch
    {
        ActionKind.Create or ActionKind.Renew or ActionKind.Recover => "Imported",
        ActionKind.UpdateTags => "TagsUpdated",
        ActionKind.Refuse => "Refused",
        ActionKind.Fail when line.Reason != Planning.Reason.Stopped => "SyncFailed",
        _ => null,
    };
}
