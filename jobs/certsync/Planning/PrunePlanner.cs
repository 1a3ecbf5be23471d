using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Decides about certificates of ours that no Secret asks for any more.</summary>
/// <param name="policy">What is allowed.</param>
/// <param name="scope">Whether a namespace is looked at by this run; certificates from elsewhere are none of its business.</param>
public sealed class PrunePlanner(SyncPolicy policy, Func<string, bool> scope)
{
    /// <summary>Finds the left-overs.</summary>
    /// <param name="listing">What the vaults have.</param>
    /// <param name="targets">What should be there.</param>
    /// <param name="secrets">Every Secret of the listing, selected or not: what still exists is not gone.</param>
    /// <param name="complete">False if any Secret may be missing from <paramref name="secrets"/>.</param>
    public ImmutableArray<SyncAction> Decide(
        IEnumerable<VaultCertificate> listing, Targets targets, IEnumerable<TlsSecretRef> secrets, bool complete)
    {
        var existing = secrets.Select(secret => secret.Source).ToHashSet(StringComparer.Ordinal);
        var wanted = targets.Wanted.Select(target => target.Key).ToHashSet();
        wanted.UnionWith(targets.Dropped.Where(action => action.Name.Length > 0).Select(action => action.Key));
        var ours = listing.Where(certificate => !certificate.IsDeleted && Ownership.OwnerOf(certificate, policy.Cluster) == Owner.Us).ToArray();
        var held = ours.Select(certificate => certificate.Key).ToHashSet();
        var moved = targets.Wanted.Where(target => held.Contains(target.Key))
            .SelectMany(target => target.Sources).Select(secret => secret.Source).ToHashSet(StringComparer.Ordinal);

        var leftOvers = ImmutableArray.CreateBuilder<SyncAction>();
        foreach (var certificate in ours.Where(certificate => !wanted.Contains(certificate.Key)))
        {
            var sources = Ownership.SourcesOf(certificate);
            if (sources.Length == 0 || !sources.All(source => scope(source.Split('/')[0])))
            {
                continue;
            }

            if (sources.All(source => !existing.Contains(source)))
            {
                leftOvers.Add(LeftOver(certificate, Reason.SourceGone, $"Its source {string.Join(" and ", sources)} is gone."));
            }
            else if (sources.All(source => !existing.Contains(source) || moved.Contains(source)))
            {
                leftOvers.Add(LeftOver(certificate, Reason.SourceRenamed, $"Its source {string.Join(" and ", sources)} goes to another name now."));
            }
        }

        return [.. Limit(leftOvers.ToImmutable(), complete).OrderBy(action => action.Name, StringComparer.OrdinalIgnoreCase)];
    }

    private IEnumerable<SyncAction> Limit(ImmutableArray<SyncAction> leftOvers, bool complete)
    {
        if (policy.Prune == PruneMode.Keep)
        {
            return leftOvers;
        }

        var pruned = leftOvers.Where(action => policy.Prune == PruneMode.Delete || action.Current!.Enabled).ToImmutableArray();
        if (!complete)
        {
            return pruned.Select(action => action with
            {
                Reason = Reason.ListingIncomplete,
                Sentence = "Not every Secret could be listed, so nothing is pruned: its source may still exist.",
            });
        }

        return pruned.Length > policy.PruneLimit
            ? pruned.Select(action => action with
            {
                Kind = ActionKind.Refuse,
                Reason = Reason.PruneLimit,
                Sentence = $"{pruned.Length} certificates would be pruned but one run may prune {policy.PruneLimit}: see that this is right, then raise --prune-limit.",
            })
            : pruned.Select(action => action with
            {
                Kind = policy.Prune == PruneMode.Delete ? ActionKind.Delete : ActionKind.Disable,
            });
    }

    private static SyncAction LeftOver(VaultCertificate certificate, Reason reason, string sentence) =>
        new(ActionKind.Keep, reason, sentence)
        {
            Vault = certificate.Vault,
            Name = certificate.Name,
            Current = certificate,
            NotAfter = certificate.NotAfter,
        };
}
