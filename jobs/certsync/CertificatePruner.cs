using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>
/// Prunes one certificate that no Secret requests any more, provided that the vault still has what was listed and the API server confirms
/// that its Secrets do not exist.
/// </summary>
public sealed class CertificatePruner(ISecretReader reader)
{
    private static readonly string[] OwnershipTags = [Ownership.SourceTag, Ownership.ManagedByTag, Ownership.ClusterTag];

    /// <summary>Applies a decision of <see cref="PrunePlanner"/>.</summary>
    /// <param name="apply">False for a plan: nothing is written.</param>
    /// <returns>What was done, or why not.</returns>
    public async Task<SyncAction> PruneAsync(SyncAction action, ICertificateVault vault, bool apply, CancellationToken cancellationToken)
    {
        try
        {
            switch (action)
            {
                case { Kind: ActionKind.Keep or ActionKind.Refuse or ActionKind.Fail }:
                    return action;
                case { Kind: ActionKind.Disable or ActionKind.Delete, Current: { } listed, Reason: Reason.SourceGone or Reason.SourceRenamed }:
                    if (apply && await FindChangeAsync(listed, vault, cancellationToken) is { } change)
                    {
                        return action with { Kind = ActionKind.Keep, Reason = Reason.ChangedInVault, Sentence = change };
                    }

                    if (await FindSourceAsync(action.Unlisted, cancellationToken) is { } source)
                    {
                        return action with
                        {
                            Kind = ActionKind.Keep,
                            Reason = Reason.SourceNotListed,
                            Sentence = $"Its source {source} still exists, although this run does not select it, so it is not pruned.",
                        };
                    }

                    if (apply)
                    {
                        await (action.Kind == ActionKind.Delete ? vault.DeleteAsync(action.Name, cancellationToken) : vault.DisableAsync(listed, cancellationToken));
                    }

                    return action;
                default:
                    return action.Refused(Reason.Unexpected, $"Nothing is pruned: this job cannot apply '{action.Kind}' for '{action.Reason}'; report it to the maintainers.");
            }
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return ItemFaults.Explain(action, fault);
        }
    }

    /// <summary>What changed in the vault since it was listed, one sentence; null if nothing.</summary>
    private static async Task<string?> FindChangeAsync(VaultCertificate listed, ICertificateVault vault, CancellationToken cancellationToken) =>
        await vault.FindAsync(listed.Name, cancellationToken) is { } found
        && (found.Thumbprint != listed.Thumbprint || !Ownership.IsDescribed(found)
            || OwnershipTags.Any(tag => found.Tags.GetValueOrDefault(tag) != listed.Tags.GetValueOrDefault(tag)))
            ? $"'{listed.Name}' changed in {listed.Vault} after it was listed, so it is not pruned; the next run decides again."
            : null;

    /// <summary>The first of the Secrets that exists: a label selector or its type may exclude it from the listing.</summary>
    private async Task<string?> FindSourceAsync(ImmutableArray<string> sources, CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            var slash = source.IndexOf('/', StringComparison.Ordinal);
            if (await reader.ExistsAsync(source[..slash], source[(slash + 1)..], cancellationToken))
            {
                return source;
            }
        }

        return null;
    }
}
