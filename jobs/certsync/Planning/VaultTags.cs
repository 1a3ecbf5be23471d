namespace ClusterTrust.CertSync.Planning;

/// <summary>Merges this job's tags with those that people and other tools have added.</summary>
internal static class VaultTags
{
    /// <summary>Tags that a certificate can have (Key Vault, object tags).</summary>
    private const int Maximum = 15;

    /// <summary>The tags that are replaced as a whole, with the other tool's: a certificate has one owner.</summary>
    private static readonly ImmutableHashSet<string> Ours =
    [
        Ownership.ManagedByTag,
        Ownership.ClusterTag,
        Ownership.SourceTag,
        Ownership.SourceUidTag,
        Ownership.SourceVersionTag,
        Ownership.SourceNameTag,
        Ownership.ThumbprintTag,
        Ownership.ChainTag,
        Ownership.PrunedTag,
        Ownership.VersionTag,
        Ownership.KeyVaultSyncTag,
    ];

    /// <summary>Whether a decision needs a tag, so that it is kept of a listing.</summary>
    public static bool IsRead(string key) => Ours.Contains(key) || key == Ownership.KeyVaultSyncNamespaceTag;

    /// <summary>This job's tags of a certificate that <c>--prune disable</c> disables.</summary>
    public static ImmutableDictionary<string, string> OfPruned(VaultCertificate current) =>
        current.Tags.RemoveRange(current.Tags.Keys.Where(key => !Ours.Contains(key))).SetItem(Ownership.PrunedTag, "true");

    /// <summary>The new tags of this job, and the present ones of others.</summary>
    /// <param name="present">The tags in the vault; null for none.</param>
    public static ImmutableDictionary<string, string> Merge(ImmutableDictionary<string, string>? present, IReadOnlyDictionary<string, string> ours) =>
        (present ?? ImmutableDictionary<string, string>.Empty).RemoveRange(Ours).SetItems(ours);

    /// <summary>Why a certificate cannot have new tags of this job beside those of others, as one sentence; null if it can.</summary>
    public static string? ExplainExcess(VaultCertificate? current, IReadOnlyDictionary<string, string> ours) =>
        Merge(current?.Tags, ours).Count + (current?.MoreTags ?? 0) is > Maximum and var count
            ? $"'{current!.Name}' has {count - ours.Count} tags of its own, which with the {ours.Count} of this job exceed Key Vault's limit of {Maximum}: remove {count - Maximum} of them in the vault."
            : null;
}
