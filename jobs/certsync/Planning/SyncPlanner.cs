namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Decides what happens to each certificate: <see cref="Decide"/> by metadata alone, so that an unchanged Secret is never read, and
/// <see cref="Resolve"/> once the Secrets have been read. Same input, same plan.
/// </summary>
/// <remarks>
/// A name in a vault belongs to the namespace that first filled it (tag <see cref="Ownership.SourceTag"/>). Other namespaces may have
/// the same leaf; a different one is refused whatever its validity, unless a grant gives their namespace the name.
/// </remarks>
public sealed class SyncPlanner(SyncPolicy policy)
{
    /// <summary>How many Secrets a message names.</summary>
    private const int MaximumNamed = 5;

    private static readonly TimeSpan LongestBackdating = TimeSpan.FromDays(1);

    /// <param name="current">What the vault's listing has under that name, or the soft-deleted certificate; null if nothing.</param>
    /// <returns>A decision, or <see cref="ActionKind.Inspect"/> if the Secrets have to be read first.</returns>
    public SyncAction Decide(SyncTarget target, VaultCertificate? current)
    {
        // The owner's Secrets first, as in the tags: reports and metric labels name the first one's namespace.
        var owner = current is null || target.Sources.Length == 1 ? null : OwnerOf(current);
        return DecideOrdered(owner is null ? target : target with { Sources = Ownership.Ordered(target.Sources, owner) }, current);
    }

    private SyncAction DecideOrdered(SyncTarget target, VaultCertificate? current) => current switch
    {
        null => SyncAction.On(target, null, ActionKind.Inspect, Reason.NotInVault, "The vault has no such certificate."),
        _ when RefuseForeign(target, current) is { } refused => refused,
        _ when IsOurs(current) && OwnerOf(current) is null && !policy.Adopt && !target.Sources.Any(secret => IsGranted(secret, target)) =>
            SyncAction.On(target, current, ActionKind.Refuse, Reason.UnknownOwner,
                $"The tag {Ownership.SourceTag} of '{target.Name}' in {target.Vault} names no Secret, so the owner of the name is unknown: find out who changed it, then take it over with --adopt, or grant the name to a namespace with --grant."),
        { Enabled: false } when !current.Tags.ContainsKey(Ownership.PrunedTag) => SyncAction.On(target, current, ActionKind.Keep, Reason.DisabledInVault,
            $"'{target.Name}' is disabled in {target.Vault} and stays disabled; {(current.IsDeleted ? "recover and " : "")}enable it there to sync it again."),
        { IsDeleted: true } when !policy.Recover => SyncAction.On(target, current, ActionKind.Refuse, Reason.SoftDeleted,
            $"'{target.Name}' is soft-deleted in {target.Vault} and --no-recover is set: recover or purge it, or remove the option."),
        { IsDeleted: true } => SyncAction.On(target, current, ActionKind.Inspect, Reason.SoftDeleted, "The name is soft-deleted."),
        { Enabled: true } when !policy.Full && IsOurs(current) && Ownership.IsMadeFrom(current, target.Sources) =>
            SyncAction.On(target, current, ActionKind.Unchanged, Reason.SourceUnchanged, "The source has not changed since the last import."),
        _ => SyncAction.On(target, current, ActionKind.Inspect, Reason.SourceChanged, "The source may have changed."),
    };

    /// <summary>Decides with the Secrets read.</summary>
    /// <param name="current">What the vault has; null if nothing.</param>
    /// <param name="inspections">One for each of the target's sources.</param>
    /// <returns>The decision about the name in the vault first, if there is one, then a line for every source without a part in it.</returns>
    public ImmutableArray<SyncAction> Resolve(SyncTarget target, VaultCertificate? current, IReadOnlyList<Inspection> inspections)
    {
        var first = Decide(target, current);
        if (first.Kind != ActionKind.Inspect)
        {
            return [first];
        }

        var without = inspections.Where(static inspection => inspection.Facts is null)
            .Select(inspection => About([inspection], target, current, inspection.Kind, inspection.Reason, inspection.Sentence))
            .Concat(inspections.Where(IsExcludedAuthority).Select(inspection => About([inspection], target, current, ActionKind.Skip, Reason.CertificateAuthority,
                "It contains a CA certificate, whose private key stays in the cluster; --include-ca syncs it.")));
        var certificates = inspections.Where(inspection => inspection.Facts is not null && !IsExcludedAuthority(inspection)).ToArray();
        var unread = inspections.Where(static inspection => inspection.Facts is null && !inspection.IsKnownToHaveNone).ToArray();
        return [.. DecideCertificates(target, current, certificates, unread), .. without];
    }

    /// <summary>A line about Secrets that were read.</summary>
    private static SyncAction About(Inspection[] inspections, SyncTarget target, VaultCertificate? current, ActionKind kind, Reason reason, string sentence) =>
        SyncAction.On(target with { Sources = [.. inspections.Select(static one => one.Secret)] }, current, kind, reason, sentence) with { Warnings = inspections[0].Warnings };

    private IEnumerable<SyncAction> DecideCertificates(SyncTarget target, VaultCertificate? current, Inspection[] certificates, Inspection[] unread)
    {
        if (certificates.Length == 0)
        {
            return [];
        }

        var owner = current is null ? null : OwnerOf(current);
        var entitled = Entitled(target, current, owner, [.. certificates, .. unread]);
        if (owner is null && target.Unlisted.FirstOrDefault(entitled.Contains) is { } unlisted)
        {
            return [On(certificates, ActionKind.Fail, Reason.NamespaceUnreadable,
                $"Namespace {unlisted}, whose Secrets may request the same name, could not be listed, so the name is not assigned to another: grant the job permission to list that namespace, or exclude it.")];
        }

        if (unread.FirstOrDefault(inspection => entitled.Contains(inspection.Secret.Namespace)) is { } blocking)
        {
            return [On(certificates, ActionKind.Fail, Reason.SecretUnreadable,
                $"{blocking.Secret}, which requests the same name, could not be read, so nothing is imported: its certificate may have precedence.")];
        }

        var candidates = certificates.Where(inspection => entitled.Contains(inspection.Secret.Namespace)).ToArray();
        var others = certificates.Except(candidates).ToArray();
        if (candidates.Length == 0)
        {
            return others.Select(other => OfAnotherNamespace(target, current, owner, other, null));
        }

        var winner = candidates.OrderByDescending(inspection => inspection.Facts!.NotBefore).ThenByDescending(inspection => inspection.Facts!.NotAfter)
            .ThenBy(inspection => inspection.Secret.CreatedAt).ThenBy(inspection => inspection.Secret.Source, StringComparer.Ordinal).First();
        var superseded = candidates.Where(inspection => inspection.Facts!.Thumbprint != winner.Facts!.Thumbprint).ToArray();
        var names = candidates.Select(inspection => target.RawNameOf(inspection.Secret)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var isContested = owner is null && superseded.Any(inspection =>
            inspection.Secret.Namespace != winner.Secret.Namespace && !(IsGranted(inspection.Secret, target) && IsGranted(winner.Secret, target)));
        var (reason, conflict) =
            names.Length > 1 ? (Reason.NameCollision,
                $"The names {List(names)} map to the same name in Key Vault, '{target.Name}' in {target.Vault}, which {Sources(candidates)} request: rename all but one.")
            : isContested ? (Reason.ConflictingSources,
                $"{Sources(candidates)} in different namespaces request '{target.Name}' in {target.Vault} with different certificates, and the name belongs to none of them yet: rename all but one, or grant the name to one namespace with --grant.")
            : superseded.Any(inspection => !inspection.IsOfSameCertificate(winner)) ? (Reason.ConflictingSources,
                $"{Sources(candidates)} request '{target.Name}' in {target.Vault} with different certificates that are not renewals of each other: delete the Secrets that are not needed, or rename all but one.")
            : (default, "");
        if (conflict.Length > 0)
        {
            return [On(candidates, ActionKind.Refuse, reason, conflict), .. others.Select(other => OfAnotherNamespace(target, current, owner, other, null))];
        }

        var same = others.Where(other => other.Facts!.Thumbprint == winner.Facts!.Thumbprint).ToArray();
        var sources = Ownership.Ordered([.. candidates.Select(inspection => inspection.Secret), .. same.Select(inspection => inspection.Secret)], winner.Secret.Namespace);
        return
        [
            Compare(target with { Sources = sources }, current, winner),
            .. superseded.Select(inspection => On([inspection], ActionKind.Skip, Reason.Superseded, $"The certificate of {winner.Secret} for the same names is newer.")),
            .. others.Except(same).Select(other => OfAnotherNamespace(target, current, owner ?? winner.Secret.Namespace, other, winner)),
        ];

        SyncAction On(Inspection[] inspections, ActionKind kind, Reason reason, string sentence) => About(inspections, target, current, kind, reason, sentence);
    }

    /// <summary>The namespaces whose certificate may become the one under the name.</summary>
    private HashSet<string> Entitled(SyncTarget target, VaultCertificate? current, string? owner, Inspection[] requests)
    {
        string[] all = [.. requests.Select(static inspection => inspection.Secret.Namespace), .. target.Unlisted];
        string[] known = [.. all, .. target.TooMany];
        var entitled = known.Where(name => policy.IsGranted(name, target.Name)).ToHashSet(StringComparer.Ordinal);
        if (owner is not null)
        {
            entitled.Add(owner);
        }

        if (entitled.Count == 0)
        {
            // It has no owner yet. If it is adopted, it is assigned to the namespaces with the same certificate, otherwise to the one that the other tool imported it from.
            string[][] byPrecedence = current is null ? [] :
            [
                [.. requests.Where(inspection => inspection.Facts?.Thumbprint == current.Thumbprint).Select(static inspection => inspection.Secret.Namespace)],
                [.. known.Where(name => name == Ownership.NamespaceOf(current) && !IsOurs(current))],
            ];
            entitled.UnionWith(byPrecedence.FirstOrDefault(static one => one.Length > 0) ?? all);
        }

        return entitled;
    }

    /// <summary>The line for a Secret in a namespace that does not own the name.</summary>
    private static SyncAction OfAnotherNamespace(SyncTarget target, VaultCertificate? current, string? owner, Inspection inspection, Inspection? winner)
    {
        var isInVault = current is { Enabled: true, IsDeleted: false } && inspection.Facts!.Thumbprint == current.Thumbprint;
        var (kind, reason, sentence) = isInVault switch
        {
            true when winner is not null => (ActionKind.Skip, Reason.Superseded, $"The vault had this certificate, but {winner.Secret} in the namespace that owns the name has a newer one."),
            true => (ActionKind.Skip, Reason.SameCertificate,
                $"The vault has this certificate, and the name belongs to {(owner is null ? "another namespace" : $"namespace {owner}")}."),
            false when owner is null => (ActionKind.Refuse, Reason.ConflictingSources, $"Several namespaces request '{target.Name}' in {target.Vault} with different certificates: rename all but one."),
            false => (ActionKind.Refuse, Reason.AnotherNamespace,
                $"'{target.Name}' in {target.Vault} belongs to namespace {owner}, and {inspection.Secret} has {(inspection.Facts!.Thumbprint == current?.Thumbprint ? $"the certificate that is {(current!.IsDeleted ? "soft-deleted" : "disabled")} there" : "a different certificate")}: use another name, or grant the name to namespace {inspection.Secret.Namespace} with --grant."),
        };
        return About([inspection], target, current, kind, reason, sentence);
    }

    private SyncAction Compare(SyncTarget target, VaultCertificate? current, Inspection winner)
    {
        var facts = winner.Facts!;
        var action = (current switch
        {
            null => On(ActionKind.Create, Reason.NotInVault, "The vault has no such certificate."),
            _ when IsOlder(winner, current) && !policy.AllowOlder => On(ActionKind.Refuse, Reason.OlderThanVault,
                $"{target.Vault} has a newer '{target.Name}' than {winner.Secret}: a restored backup, another cluster or another writer may be the cause; --allow-older overrides."),
            { IsDeleted: true } => On(ActionKind.Recover, Reason.SoftDeleted, "The name is soft-deleted: it is recovered, then imported unless the same certificate comes back."),
            _ when current.Thumbprint != facts.Thumbprint => On(ActionKind.Renew, Reason.NewerInCluster, "The cluster has a newer certificate."),
            // Only the leaf of a certificate in the vault can be read. cert-manager-key-vault-sync imports the chain with it; what others imported is unknown.
            _ when current.Tags.GetValueOrDefault(Ownership.ChainTag) is var chain && chain != facts.ChainSha256
                && (chain is not null || Ownership.OwnerOf(current, policy.Cluster) != Owner.KeyVaultSync) =>
                On(ActionKind.Renew, Reason.ChainChanged, chain is null ? "The leaf is the same, the chain in the vault is unknown." : "The leaf is the same, its chain has changed."),
            { Enabled: true } when IsOurs(current) && Ownership.IsMadeFrom(current, target.Sources) =>
                On(ActionKind.Unchanged, Reason.SameCertificate, "The vault has the same leaf and chain."),
            _ => On(ActionKind.UpdateTags, Reason.SourceMoved, "The certificate is the same; only its tags are brought up to date."),
        }) with
        { NotAfter = facts.NotAfter, Warnings = winner.Warnings };

        if (!action.Writes)
        {
            return action;
        }

        var tags = Ownership.Tags(policy.Cluster, target.Name, target.RawNameOf(winner.Secret), target.Sources, facts);
        return VaultTags.ExplainExcess(current, tags) is { } excess ? action.Refused(Reason.VaultRejected, excess) : action with { Winner = winner.Secret, Tags = tags };

        SyncAction On(ActionKind kind, Reason reason, string sentence) => SyncAction.On(target, current, kind, reason, sentence);
    }

    private string ClusterOf(VaultCertificate current) =>
        current.Tags.GetValueOrDefault(Ownership.ClusterTag) is { Length: > 0 } cluster
            ? $"belongs to cluster '{cluster}', not to '{policy.Cluster}'"
            : $"has no tag {Ownership.ClusterTag}, so it is unknown whether it belongs to '{policy.Cluster}'";

    private SyncAction? RefuseForeign(SyncTarget target, VaultCertificate current) => Ownership.OwnerOf(current, policy.Cluster) switch
    {
        Owner.Us => null,
        Owner.LaterRelease => SyncAction.On(target, current, ActionKind.Refuse, Reason.LaterRelease,
            $"'{target.Name}' in {target.Vault} was written by a later release (tag {Ownership.VersionTag} '{current.Tags.GetValueOrDefault(Ownership.VersionTag)}'): upgrade to that release, or a newer one."),
        Owner.AnotherCluster or Owner.KeyVaultSync or Owner.SomeoneElse when policy.Adopt => null,
        Owner.AnotherCluster => SyncAction.On(target, current, ActionKind.Refuse, Reason.AnotherCluster,
            $"'{target.Name}' in {target.Vault} {ClusterOf(current)}: use another name, or take it over with --adopt."),
        Owner.KeyVaultSync => SyncAction.On(target, current, ActionKind.Refuse, Reason.NotOurs,
            $"'{target.Name}' in {target.Vault} was written by cert-manager-key-vault-sync: stop that tool, then take over with --adopt."),
        _ => SyncAction.On(target, current, ActionKind.Refuse, Reason.NotOurs,
            $"'{target.Name}' in {target.Vault} was not written by this job: use another name, or take it over with --adopt."),
    };

    private bool IsOurs(VaultCertificate current) => Ownership.OwnerOf(current, policy.Cluster) == Owner.Us;

    /// <summary>The namespace that the name belongs to; null if no namespace of this cluster owns it, or it is not known which.</summary>
    private string? OwnerOf(VaultCertificate current) => IsOurs(current) ? Ownership.NamespaceOf(current) : null;

    private bool IsGranted(TlsSecretRef secret, SyncTarget target) => policy.IsGranted(secret.Namespace, target.Name);

    private bool IsExcludedAuthority(Inspection inspection) => inspection.Facts is { IsCertificateAuthority: true } && !policy.IncludeAuthorities;

    private static string Sources(Inspection[] inspections) => List([.. inspections.Select(one => one.Secret.Source)]);

    private static string List(string[] items) => items.Length <= MaximumNamed
        ? string.Join(" and ", items)
        : $"{string.Join(", ", items.Take(MaximumNamed))} and {items.Length - MaximumNamed} more";

    /// <summary>
    /// A certificate is older if it was issued earlier; an earlier end alone does not make it so. A CA may backdate by up to a day, so that
    /// one of that time is not older if the vault's was made from the same Secret alone: of several, one may have been superseded.
    /// </summary>
    private static bool IsOlder(Inspection winner, VaultCertificate current) =>
        current.Thumbprint != winner.Facts!.Thumbprint
        && !(current.NotBefore - winner.Facts.NotBefore <= LongestBackdating && Ownership.IsMadeFrom(current, winner.Secret.Uid))
        && (current.NotBefore is { } issued && issued != winner.Facts.NotBefore
            ? winner.Facts.NotBefore < issued
            : current.NotAfter is { } end && winner.Facts.NotAfter < end);
}
