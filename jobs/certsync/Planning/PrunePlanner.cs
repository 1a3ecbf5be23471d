namespace ClusterTrust.CertSync.Planning;

/// <summary>Decides about this job's certificates that no Secret requests any more.</summary>
/// <param name="isInScope">Whether this run covers a namespace; certificates from others are not pruned.</param>
public sealed class PrunePlanner(SyncPolicy policy, Func<string, bool> isInScope)
{
    /// <param name="results">The lines of this run, and those of other shards as far as they are known without reading Secrets.</param>
    /// <param name="secrets">Every Secret of the listing, selected or not: a Secret that exists is not gone.</param>
    /// <param name="isComplete">False if any Secret may be missing from <paramref name="secrets"/>.</param>
    public ImmutableArray<SyncAction> Decide(
        IEnumerable<VaultCertificate> listing, IEnumerable<SyncTarget> targets, IReadOnlyCollection<SyncAction> results, IEnumerable<TlsSecretRef> secrets, bool isComplete)
    {
        var existing = secrets.Select(secret => secret.Source).ToHashSet(StringComparer.Ordinal);
        var claimed = targets.Select(target => target.Key).ToHashSet();
        claimed.ExceptWith(results.GroupBy(result => result.Key).Where(lines => lines.All(HasNoClaim)).Select(lines => lines.Key));
        // A name that is requested by too many Secrets, which are not read, is no target.
        claimed.UnionWith(results.Where(static result => result is { Name.Length: > 0, Reason: Reason.ConflictingSources }).Select(static result => result.Key));

        // The Secrets whose certificate was in the vault before this run, and still is, under the name that they use now.
        var moved = results.Where(result => result.Kind is ActionKind.Unchanged or ActionKind.UpdateTags or ActionKind.Renew)
            .SelectMany(result => result.Sources).Select(secret => secret.Source).ToHashSet(StringComparer.Ordinal);
        // Not those that were not imported everywhere: a vault that is not configured may be another name of the one that has the certificate.
        moved.ExceptWith(results.Where(result => result.Reason == Reason.UnknownVault || result.Kind is ActionKind.Inspect or ActionKind.Create or ActionKind.Recover or ActionKind.Refuse or ActionKind.Fail)
            .SelectMany(result => result.Sources).Select(secret => secret.Source));

        var unclaimed = ImmutableArray.CreateBuilder<SyncAction>();
        foreach (var certificate in listing.Where(certificate => !certificate.IsDeleted && !claimed.Contains(certificate.Key)
            && Ownership.OwnerOf(certificate, policy.Cluster) == Owner.Us))
        {
            var sources = Ownership.SourcesOf(certificate);
            // Of a digest of the sources only the owner is known, of a malformed tag nothing.
            var namespaces = sources.Length > 0 ? sources.Select(static string? (source) => source[..source.IndexOf('/', StringComparison.Ordinal)]) : [Ownership.NamespaceOf(certificate)];
            if (!namespaces.All(name => name is not null && isInScope(name)))
            {
                continue;
            }

            if (sources.Length == 0)
            {
                unclaimed.Add(Keep(certificate, Reason.SourceGone, $"No selected Secret requests it. Its tag {Ownership.SourceTag} names no Secrets, because they were too many, so it is not pruned: delete it in the vault if it is not needed."));
            }
            else if (sources.ToLookup(existing.Contains) is var isListed && isListed[true].All(moved.Contains))
            {
                var (reason, named, what) = isListed[true].Any() ? (Reason.SourceRenamed, isListed[true], "now uses another name") : (Reason.SourceGone, sources, "is gone");
                unclaimed.Add(Keep(certificate, reason, $"Its source {string.Join(" and ", named)} {what}.") with { Unlisted = [.. isListed[false]] });
            }
        }

        return [.. Prune(unclaimed.ToImmutable(), isComplete).OrderBy(action => action.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Whether a line is about Secrets that request another namespace's name, and certainly do not hold the certificate that is there.</summary>
    private bool HasNoClaim(SyncAction line) => line.Reason switch
    {
        Reason.AnotherNamespace => line.Kind == ActionKind.Refuse,
        Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone or Reason.InvalidCertificate or Reason.CertificateAuthority =>
            line.Current is { } current && Ownership.NamespaceOf(current) is { } owner
            && line.Sources.All(secret => secret.Namespace != owner && !policy.IsGranted(secret.Namespace, line.Name)),
        _ => false,
    };

    private IEnumerable<SyncAction> Prune(ImmutableArray<SyncAction> unclaimed, bool isComplete)
    {
        var candidates = unclaimed.Where(action => policy.Prune != PruneMode.Disable || action.Current!.Enabled).ToArray();
        if (!isComplete)
        {
            return candidates.Select(action => action with
            {
                Reason = Reason.ListingIncomplete,
                Sentence = "Not every Secret could be listed, so nothing is pruned: its source may still exist.",
            });
        }

        if (policy.Prune == PruneMode.Keep)
        {
            return candidates;
        }

        var isNamed = candidates.ToLookup(static action => Ownership.SourcesOf(action.Current!).Length > 0);

        // --prune disable has disabled it before, and a person enabled it again.
        var isKept = isNamed[true].ToLookup(action => policy.Prune == PruneMode.Disable && action.Current!.Tags.ContainsKey(Ownership.PrunedTag));
        var isDescribed = isKept[false].ToLookup(action => Ownership.IsDescribed(action.Current!));
        return isNamed[false]
            .Concat(isDescribed[false].Select(action => action with
            {
                Reason = Reason.TagsMismatch,
                Sentence = $"{action.Sentence} But its tag {Ownership.ThumbprintTag} does not match its thumbprint, so this job may not have imported it, and it is not pruned: delete it in the vault if it is not needed.",
            }))
            .Concat(isKept[true].Select(static action => action with { Sentence = $"{action.Sentence} It was enabled again after it was pruned, and stays." }))
            .Concat(WithinLimits([.. isDescribed[true]]));
    }

    /// <summary>
    /// Refuses what exceeds the limit: namespaces that exceed it alone first, then those with the most until the rest together is
    /// within it. One namespace's changes then do not prevent the pruning of others, and one run never prunes more than the limit.
    /// </summary>
    private IEnumerable<SyncAction> WithinLimits(SyncAction[] candidates)
    {
        var namespaces = candidates.GroupBy(action => Ownership.NamespaceOf(action.Current!)).ToArray();
        var remaining = candidates.Length;
        var largest = int.MaxValue;
        foreach (var size in namespaces.GroupBy(group => group.Count()).OrderByDescending(sizes => sizes.Key))
        {
            if (size.Key <= policy.PruneLimit && remaining <= policy.PruneLimit)
            {
                break;
            }

            remaining -= size.Key * size.Count();
            largest = size.Key - 1;
        }

        return namespaces.SelectMany(group => group.Count() > largest
            ? group.Select(action => action.Refused(Reason.PruneLimit,
                $"{group.Count()} certificates of namespace {group.Key} would be pruned, and {candidates.Length} in total, but the limit of a run is {policy.PruneLimit}: check that this is intended, then raise --prune-limit."))
            : group.Select(action => policy.Prune == PruneMode.Delete ? action with { Kind = ActionKind.Delete }
                : VaultTags.ExplainExcess(action.Current, VaultTags.OfPruned(action.Current!)) is { } excess ? action.Refused(Reason.VaultRejected, excess)
                : action with { Kind = ActionKind.Disable }));
    }

    private static SyncAction Keep(VaultCertificate certificate, Reason reason, string sentence) =>
        new(ActionKind.Keep, reason, sentence)
        {
            Vault = certificate.Vault,
            Name = certificate.Name,
            Current = certificate,
            NotAfter = certificate.NotAfter,
        };
}
