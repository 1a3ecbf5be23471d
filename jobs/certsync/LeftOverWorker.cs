using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync;

/// <summary>Prunes one certificate that no Secret asks for any more, when it is proved that its Secret is gone.</summary>
/// <param name="reader">Tells whether a Secret exists.</param>
public sealed class LeftOverWorker(SecretReader reader)
{
    /// <summary>Applies what the planner decided.</summary>
    /// <param name="action">The decision.</param>
    /// <param name="vault">The vault.</param>
    /// <param name="apply">False for a plan: nothing is written.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>What was done, or why not.</returns>
    public async Task<SyncAction> WorkAsync(SyncAction action, ICertificateVault vault, bool apply, CancellationToken cancellation)
    {
        var proved = action.Writes && action.Reason == Reason.SourceGone ? await ProveGoneAsync(action, cancellation) : action;
        if (!apply || !proved.Writes)
        {
            return proved;
        }

        try
        {
            await (proved.Kind == ActionKind.Delete
                ? vault.DeleteAsync(proved.Name, cancellation)
                : vault.DisableAsync(proved.Current!, cancellation));
            return proved;
        }
        catch (VaultException fault)
        {
            return proved.Failed(fault.Reason, fault.Message);
        }
    }

    /// <summary>
    /// Asks for each Secret by name: a Secret may exist and yet be missing from the listing, because a label selector or its type
    /// leaves it out.
    /// </summary>
    private async Task<SyncAction> ProveGoneAsync(SyncAction action, CancellationToken cancellation)
    {
        try
        {
            foreach (var source in Ownership.SourcesOf(action.Current!))
            {
                if (source.Split('/') is [var ns, var name] && await reader.ExistsAsync(ns, name, cancellation))
                {
                    return action with
                    {
                        Kind = ActionKind.Keep,
                        Reason = Reason.SourceNotListed,
                        Sentence = $"Its source {source} still exists but is not among the Secrets that this run looks at, so nothing is pruned.",
                    };
                }
            }

            return action;
        }
        catch (KubernetesException fault)
        {
            return action.Failed(Reason.SecretUnreadable, fault.Message);
        }
    }
}
