namespace ClusterTrust.CertSync.Vaults;

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

    public static ImmutableDictionary<string, string> OwnOf(ImmutableDictionary<string, string> present) =>
        present.RemoveRange(present.Keys.Where(key => !Ours.Contains(key)));

    /// <summary>The new tags of this job, and the present ones of others.</summary>
    /// <param name="present">The tags in the vault; null for none.</param>
    /// <exception cref="VaultException">They are more than a certificate can have.</exception>
    public static ImmutableDictionary<string, string> Merge(
        string name, ImmutableDictionary<string, string>? present, IReadOnlyDictionary<string, string> ours)
    {
        var merged = (present ?? ImmutableDictionary<string, string>.Empty).RemoveRange(Ours).SetItems(ours);
        return merged.Count <= Maximum
            ? merged
            : throw new VaultException(VaultFault.TooManyTags,
                $"'{name}' has {merged.Count - ours.Count} tags of its own, which with the {ours.Count} of this job exceed Key Vault's limit of {Maximum}: remove {merged.Count - Maximum} of them in the vault.");
    }
}
