using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>Decides by metadata alone where that is enough, so that the Secret of an unchanged certificate is never read.</summary>
/// <param name="planner">Decides.</param>
public sealed class TargetSorter(SyncPlanner planner)
{
    /// <summary>Sorts what should be in one vault into what is decided and what has to be read.</summary>
    /// <param name="targets">What should be there.</param>
    /// <param name="listing">What is there. Names that it does not have are looked for among the deleted ones.</param>
    /// <param name="decide">Takes a decision.</param>
    /// <param name="cancellation">Ends the look-ups.</param>
    /// <returns>What has to be read.</returns>
    public async Task<IReadOnlyList<WorkItem>> SortAsync(
        IReadOnlyList<SyncTarget> targets, VaultListing listing, Action<SyncAction> decide, CancellationToken cancellation)
    {
        if (listing.Fault is { } unlisted)
        {
            foreach (var target in targets)
            {
                decide(Failed(target, null, unlisted));
            }

            return [];
        }

        var sparse = targets.Where(target => listing.Find(target.Name) is { IsSparse: true } current && !IsDecided(target, current));
        var unknown = await listing.CompleteAsync([.. sparse.Select(target => target.Name)], cancellation);
        var unseen = await listing.LookForDeletedAsync(
            [.. targets.Where(target => listing.Find(target.Name) is null).Select(target => target.Name)], cancellation);

        var toRead = new List<WorkItem>();
        foreach (var target in targets)
        {
            var current = listing.Find(target.Name);
            if ((current is null ? unseen : unknown.GetValueOrDefault(target.Name)) is { } fault)
            {
                decide(Failed(target, current, fault));
            }
            else if (planner.Decide(target, current) is { Kind: not ActionKind.Inspect } action)
            {
                decide(action);
            }
            else
            {
                toRead.Add(new WorkItem(target, current, listing.Vault));
            }
        }

        return toRead;
    }

    private bool IsDecided(SyncTarget target, VaultCertificate current) => planner.Decide(target, current).Kind == ActionKind.Unchanged;

    private static SyncAction Failed(SyncTarget target, VaultCertificate? current, VaultException fault) =>
        SyncAction.On(target, current, ActionKind.Fail, fault.Reason, fault.Message);
}
