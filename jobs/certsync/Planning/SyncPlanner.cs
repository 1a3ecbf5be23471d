using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Decides what happens to each certificate, in two steps: <see cref="Decide"/> by metadata alone, so that an unchanged Secret
/// is never read, and <see cref="Resolve"/> once the Secrets have been read. Same input, same plan.
/// </summary>
/// <param name="policy">What is allowed.</param>
public sealed class SyncPlanner(SyncPolicy policy)
{
    /// <summary>Decides without reading a Secret.</summary>
    /// <param name="target">What should be in the vault.</param>
    /// <param name="current">What the vault's listing has under that name, or its soft-deleted remains.</param>
    /// <returns>A decision, or <see cref="ActionKind.Inspect"/> if the Secrets have to be read first.</returns>
    public SyncAction Decide(SyncTarget target, VaultCertificate? current) => current switch
    {
        null => SyncAction.On(target, null, ActionKind.Inspect, Reason.NotInVault, "The vault has no such certificate."),
        _ when Foreign(target, current) is { } refused => refused,
        { IsDeleted: true } when !policy.Recover => SyncAction.On(target, current, ActionKind.Refuse, Reason.SoftDeleted,
            $"'{target.Name}' is soft-deleted in {target.Vault} and --no-recover is set: recover or purge it, or drop the option."),
        { IsDeleted: true } => SyncAction.On(target, current, ActionKind.Inspect, Reason.SoftDeleted, "The name is soft-deleted."),
        { Enabled: false } when !current.Tags.ContainsKey(Ownership.PrunedTag) => SyncAction.On(target, current, ActionKind.Keep, Reason.DisabledInVault,
            $"'{target.Name}' is disabled in {target.Vault} and left so; enable it there to have it synced again."),
        { Enabled: true } when !policy.Full && IsOurs(current) && Ownership.IsMadeFrom(current, target.Sources) =>
            SyncAction.On(target, current, ActionKind.Unchanged, Reason.SourceUnchanged, "The source has not changed since the last import."),
        _ => SyncAction.On(target, current, ActionKind.Inspect, Reason.SourceChanged, "The source may have changed."),
    };

    /// <summary>Decides with the Secrets read.</summary>
    /// <param name="target">What should be in the vault.</param>
    /// <param name="current">What the vault has.</param>
    /// <param name="inspections">One for each of the target's sources.</param>
    /// <returns>The decision for the place, and a line for every source that has no part in it.</returns>
    public ImmutableArray<SyncAction> Resolve(SyncTarget target, VaultCertificate? current, IReadOnlyList<Inspection> inspections)
    {
        var first = Decide(target, current);
        if (first.Kind != ActionKind.Inspect)
        {
            return [first];
        }

        var actions = ImmutableArray.CreateBuilder<SyncAction>();
        actions.AddRange(inspections.Where(seen => seen.Facts is null).Select(seen =>
            SyncAction.On(target with { Sources = [seen.Secret] }, current,
                seen.IsNoFault ? ActionKind.Skip : ActionKind.Fail, seen.Reason, seen.Sentence)));

        var usable = inspections.Where(seen => seen.Facts is not null).ToImmutableArray();
        if (usable.Length == 0)
        {
            return actions.ToImmutable();
        }

        var usableTarget = target with { Sources = [.. usable.Select(seen => seen.Secret)] };
        var winner = usable.OrderByDescending(seen => seen.Facts!.NotAfter).ThenByDescending(seen => seen.Facts!.NotBefore)
            .ThenBy(seen => seen.Secret.Source, StringComparer.Ordinal).First();
        var others = usable.Where(seen => seen.Facts!.Thumbprint != winner.Facts!.Thumbprint).ToArray();
        if (others.Any(other => !IsRenewal(other.Facts!, winner.Facts!)))
        {
            actions.Add(SyncAction.On(usableTarget, current, ActionKind.Refuse, Reason.ConflictingSources,
                $"{string.Join(" and ", usableTarget.Sources)} want '{target.Name}' in {target.Vault} with different certificates that are no renewal of one another: give one of them another name."));
            return actions.ToImmutable();
        }

        actions.AddRange(others.Select(other => SyncAction.On(target with { Sources = [other.Secret] }, current,
            ActionKind.Skip, Reason.Superseded, $"The certificate of {winner.Secret} for the same names is valid longer.")));
        actions.Insert(0, Compare(usableTarget, current, winner));
        return actions.ToImmutable();
    }

    private SyncAction Compare(SyncTarget target, VaultCertificate? current, Inspection winner)
    {
        var facts = winner.Facts!;
        var action = (current switch
        {
            null => On(ActionKind.Create, Reason.NotInVault, "The vault has no such certificate."),
            _ when IsOlder(facts, current) && !policy.AllowOlder => On(ActionKind.Refuse, Reason.OlderThanVault,
                $"{target.Vault} has a newer '{target.Name}' than {winner.Secret}: a restored backup or another cluster may be the cause; --allow-older overrides."),
            { IsDeleted: true } => On(ActionKind.Recover, Reason.SoftDeleted, "The name is soft-deleted: it is recovered, then imported unless the same certificate comes back."),
            _ when current.Thumbprint != facts.Thumbprint => On(ActionKind.Renew, Reason.NewerInCluster, "The cluster has a newer certificate."),
            _ when current.Tags.TryGetValue(Ownership.ChainTag, out var chain) && chain != facts.ChainSha256 =>
                On(ActionKind.Renew, Reason.ChainChanged, "The leaf is the same, its chain has changed."),
            { Enabled: true } when IsOurs(current) && Ownership.IsMadeFrom(current, target.Sources) =>
                On(ActionKind.Unchanged, Reason.SameCertificate, "The vault has the same leaf and chain."),
            _ => On(ActionKind.UpdateTags, Reason.SourceMoved, "The certificate is the same; only its tags are brought up to date."),
        }) with
        { NotAfter = facts.NotAfter };

        return action.Writes
            ? action with { Winner = winner.Secret, Tags = Ownership.Tags(policy.Cluster, target.RawName, target.Sources, facts.ChainSha256) }
            : action;

        SyncAction On(ActionKind kind, Reason reason, string sentence) => SyncAction.On(target, current, kind, reason, sentence);
    }

    private SyncAction? Foreign(SyncTarget target, VaultCertificate current) => Ownership.OwnerOf(current, policy.Cluster) switch
    {
        Owner.Us => null,
        Owner.LaterRelease => SyncAction.On(target, current, ActionKind.Refuse, Reason.LaterRelease,
            $"'{target.Name}' in {target.Vault} was written by a later release: use that one, or newer."),
        _ when policy.Adopt => null,
        Owner.AnotherCluster => SyncAction.On(target, current, ActionKind.Refuse, Reason.AnotherCluster,
            $"'{target.Name}' in {target.Vault} belongs to cluster '{current.Tags.GetValueOrDefault(Ownership.ClusterTag)}', not to '{policy.Cluster}': use another name, or take it over with --adopt."),
        Owner.KeyVaultSync => SyncAction.On(target, current, ActionKind.Refuse, Reason.NotOurs,
            $"'{target.Name}' in {target.Vault} was written by cert-manager-key-vault-sync: stop that tool, then take over with --adopt."),
        _ => SyncAction.On(target, current, ActionKind.Refuse, Reason.NotOurs,
            $"'{target.Name}' in {target.Vault} was not written by this job: use another name, or take it over with --adopt."),
    };

    private bool IsOurs(VaultCertificate current) => Ownership.OwnerOf(current, policy.Cluster) == Owner.Us;

    private static bool IsRenewal(CertificateFacts one, CertificateFacts other) => one.Names == other.Names && one.Issuer == other.Issuer;

    /// <summary>A certificate is older if it was issued earlier; a shorter lifetime alone does not make it so.</summary>
    private static bool IsOlder(CertificateFacts facts, VaultCertificate current)
    {
        if (current.Thumbprint == facts.Thumbprint)
        {
            return false;
        }

        return current.NotBefore is { } issued && issued != facts.NotBefore
            ? facts.NotBefore < issued
            : current.NotAfter is { } end && facts.NotAfter < end;
    }
}
