using ClusterTrust.Kubernetes.Events;
using k8s.Models;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Creates Events on the Secrets, where <c>kubectl events --for secret/NAME</c> shows them. Never fails a run.</summary>
/// <param name="parallel">How many to write concurrently, at least 1.</param>
public sealed class SecretEvents(EventRecorder recorder, int parallel)
{
    /// <summary>Events of a run in one namespace, whose tenant may have tens of thousands of Secrets that are refused.</summary>
    private const int MaximumOfNamespace = 1000;

    /// <summary>Creates the Events of <see cref="SelectFrom"/>.</summary>
    public async Task RecordAsync(IEnumerable<SyncAction> lines, CancellationToken cancellationToken)
    {
        try
        {
            await Parallel.ForEachAsync(
                SelectFrom(lines),
                new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
                async (pair, token) => await recorder.RecordAsync(
                    new V1ObjectReference
                    {
                        ApiVersion = "v1",
                        Kind = "Secret",
                        NamespaceProperty = pair.Secret.Namespace,
                        Name = pair.Secret.Name,
                        Uid = pair.Secret.Uid,
                        ResourceVersion = pair.Secret.ResourceVersion,
                    },
                    isWarning: pair.Line.Kind is ActionKind.Fail or ActionKind.Refuse,
                    ReasonOf(pair.Line)!,
                    "Sync",
                    NoteOf(pair.Line),
                    token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The work is done; the report must not be lost because of the remaining Events.
        }
    }

    /// <summary>The Secrets, up to <see cref="SyncAction.MaximumNamed"/>, of every line that changed something, failed or was refused; at most 1,000 of a namespace.</summary>
    internal static IEnumerable<(SyncAction Line, TlsSecretRef Secret)> SelectFrom(IEnumerable<SyncAction> lines) => lines.Where(static line => ReasonOf(line) is not null)
        .SelectMany(static line => line.Sources.Take(SyncAction.MaximumNamed).Select(secret => (Line: line, Secret: secret)))
        .GroupBy(static pair => pair.Secret.Namespace, StringComparer.Ordinal)
        .SelectMany(static ofNamespace => ofNamespace.Take(MaximumOfNamespace));

    /// <summary>What was done. The sentence of a line that writes describes the vault before the write.</summary>
    internal static string NoteOf(SyncAction line) => (line.Name.Length > 0 ? $"{line.Name} in {line.Vault}: " : "") + line switch
    {
        { Kind: ActionKind.Create } => "The certificate was imported.",
        { Kind: ActionKind.Renew, Reason: Reason.ChainChanged } => "A new version was imported, because the chain of the certificate had changed or was unknown.",
        { Kind: ActionKind.Renew } => "A new version was imported, because the cluster had another certificate.",
        { Kind: ActionKind.Recover } => "The name was recovered from soft deletion and has the certificate of the cluster.",
        { Kind: ActionKind.UpdateTags } => "The tags were updated; the certificate is the same.",
        _ => line.Sentence,
    };

    /// <summary>The Event's reason; null for a line without an Event.</summary>
    private static string? ReasonOf(SyncAction line) => line.Kind switch
    {
        ActionKind.Create or ActionKind.Renew or ActionKind.Recover => "Imported",
        ActionKind.UpdateTags => "TagsUpdated",
        ActionKind.Refuse => "Refused",
        ActionKind.Fail when line.Reason != Reason.Stopped => "SyncFailed",
        _ => null,
    };
}
