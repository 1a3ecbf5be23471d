using System.Buffers;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Reads and writes the tags that mark a certificate as this job's and name the Secrets it was made from.</summary>
public static class Ownership
{
    /// <summary>Who writes the certificate; <see cref="Manager"/> for this job.</summary>
    public const string ManagedByTag = "managed-by";

    public const string Manager = "clustertrust-certsync";

    /// <summary>The cluster that the certificate comes from.</summary>
    public const string ClusterTag = "cluster";

    /// <summary>
    /// <c>namespace/secret</c>, several separated by commas. The namespace of the first one owns the name. A value longer than
    /// <see cref="MaximumTagLength"/> is stored as <c>namespace/sha256:</c> and the digest of the whole.
    /// </summary>
    public const string SourceTag = "source";

    /// <summary>The Secrets' uids, in the order of <see cref="SourceTag"/>.</summary>
    public const string SourceUidTag = "source-uid";

    /// <summary>The Secrets' resourceVersions, in the order of <see cref="SourceTag"/>.</summary>
    public const string SourceVersionTag = "source-version";

    /// <summary>The name before <see cref="VaultNames.Map"/>, if that changed it.</summary>
    public const string SourceNameTag = "source-name";

    /// <summary>The leaf's thumbprint. If the certificate has another one, the tags were copied.</summary>
    public const string ThumbprintTag = "thumbprint";

    /// <summary>SHA-256 over the whole chain as sent, lower-case hexadecimal.</summary>
    public const string ChainTag = "chain-sha256";

    /// <summary>Present while <c>--prune disable</c> keeps the certificate disabled, so that it is enabled again when its Secret exists again.</summary>
    public const string PrunedTag = "pruned";

    /// <summary>The schema of these tags.</summary>
    public const string VersionTag = "tag-version";

    /// <summary>The tag that cert-manager-key-vault-sync writes.</summary>
    public const string KeyVaultSyncTag = "SyncFrom";

    /// <summary>cert-manager-key-vault-sync's tag with the namespace.</summary>
    public const string KeyVaultSyncNamespaceTag = "namespace";

    /// <summary>The longest value of a tag (Key Vault, object tags).</summary>
    public const int MaximumTagLength = 256;

    /// <summary>The schema that this release writes.</summary>
    private const string CurrentVersion = "1";

    private const string DigestPrefix = "sha256:";
    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-*?[!]");

    public static Owner OwnerOf(VaultCertificate certificate, string cluster) => certificate.Tags switch
    {
        _ when IsOfKeyVaultSync(certificate) => Owner.KeyVaultSync,
        var tags when tags.GetValueOrDefault(ManagedByTag) != Manager => Owner.SomeoneElse,
        var tags when tags.GetValueOrDefault(ClusterTag) != cluster => Owner.AnotherCluster,
        var tags when tags.GetValueOrDefault(VersionTag, CurrentVersion) != CurrentVersion => Owner.LaterRelease,
        _ => Owner.Us,
    };

    /// <summary>The namespace that a name belongs to: that of the Secret that first used it.</summary>
    /// <returns>Null if the tag <see cref="SourceTag"/> is missing or has another form, so that the owner is unknown.</returns>
    public static string? NamespaceOf(VaultCertificate certificate)
    {
        if (IsOfKeyVaultSync(certificate))
        {
            return certificate.Tags.GetValueOrDefault(KeyVaultSyncNamespaceTag, "") is var ns && KubernetesName.IsNamespace(ns) ? ns : null;
        }

        if (SourcesOf(certificate) is [var first, ..])
        {
            return first[..first.IndexOf('/', StringComparison.Ordinal)];
        }

        return certificate.Tags.GetValueOrDefault(SourceTag, "").Split('/') is [var owner, var digest]
            && KubernetesName.IsNamespace(owner) && digest.StartsWith(DigestPrefix, StringComparison.Ordinal) && digest.Length == DigestPrefix.Length + (2 * SHA256.HashSizeInBytes)
            && digest[DigestPrefix.Length..].All(char.IsAsciiHexDigitLower)
            ? owner
            : null;
    }

    /// <summary>The Secrets in the order of the tags: those of the owner's namespace first.</summary>
    public static ImmutableArray<TlsSecretRef> Ordered(IEnumerable<TlsSecretRef> sources, string? owner) =>
        [.. sources.OrderByDescending(secret => secret.Namespace == owner).ThenBy(secret => secret.Source, StringComparer.Ordinal)];

    /// <summary>The tags for a certificate made from <paramref name="sources"/>.</summary>
    /// <param name="rawName">The name before it was mapped.</param>
    /// <param name="sources">The Secrets in the order of <see cref="Ordered"/>; the first one's namespace owns the name.</param>
    public static ImmutableDictionary<string, string> Tags(
        string cluster, string name, string rawName, IReadOnlyList<TlsSecretRef> sources, CertificateFacts facts)
    {
        var tags = SourceTags(sources).ToBuilder();
        tags[ManagedByTag] = Manager;
        tags[ClusterTag] = cluster;
        tags[ThumbprintTag] = facts.Thumbprint;
        tags[ChainTag] = facts.ChainSha256;
        tags[VersionTag] = CurrentVersion;
        if (name != rawName)
        {
            tags[SourceNameTag] = Fit(rawName);
        }

        return tags.ToImmutable();
    }

    /// <summary>Whether a certificate is the one that its tags describe, by its thumbprint.</summary>
    public static bool IsDescribed(VaultCertificate certificate) =>
        certificate.Thumbprint.Length > 0 && certificate.Tags.GetValueOrDefault(ThumbprintTag) == certificate.Thumbprint;

    /// <summary>Whether a certificate is the one that its tags describe, and was made from the Secret with this uid alone.</summary>
    public static bool IsMadeFrom(VaultCertificate certificate, string uid) =>
        IsDescribed(certificate) && certificate.Tags.GetValueOrDefault(SourceUidTag) == uid;

    /// <summary>Whether a certificate is the one that its tags describe, and was made from exactly these Secrets in exactly these versions.</summary>
    public static bool IsMadeFrom(VaultCertificate certificate, IEnumerable<TlsSecretRef> sources) =>
        certificate.Tags.GetValueOrDefault(VersionTag) == CurrentVersion
        && certificate.Tags.ContainsKey(ChainTag)
        && IsDescribed(certificate)
        && SourceTags(Ordered(sources, NamespaceOf(certificate))).All(tag => certificate.Tags.GetValueOrDefault(tag.Key) == tag.Value);

    /// <summary>Whether, by the tags, a namespace used the name and derived it from <paramref name="rawName"/>.</summary>
    public static bool IsNamed(VaultCertificate certificate, string @namespace, string rawName) =>
        NamespaceOf(certificate) == @namespace
        && (IsOfKeyVaultSync(certificate) || certificate.Tags.GetValueOrDefault(SourceNameTag) == (certificate.Name == rawName ? null : Fit(rawName)));

    /// <summary>The Secrets that a certificate was made from, as <c>namespace/name</c>; empty if the tag holds only a digest of them, or is malformed.</summary>
    public static ImmutableArray<string> SourcesOf(VaultCertificate certificate)
    {
        ImmutableArray<string> sources = [.. certificate.Tags.GetValueOrDefault(SourceTag, "").Split(',')];
        return sources.All(static source => source.Split('/') is [var ns, var name] && KubernetesName.IsNamespace(ns) && KubernetesName.IsSubdomain(name)) ? sources : [];
    }

    private static bool IsOfKeyVaultSync(VaultCertificate certificate) =>
        certificate.Tags.GetValueOrDefault(ManagedByTag) != Manager && certificate.Tags.GetValueOrDefault(KeyVaultSyncTag) == "cert-manager-key-vault-sync";

    private static ImmutableDictionary<string, string> SourceTags(IReadOnlyList<TlsSecretRef> sources)
    {
        var source = string.Join(',', sources.Select(secret => secret.Source));
        return ImmutableDictionary<string, string>.Empty
            .Add(SourceTag, source.Length <= MaximumTagLength ? source : $"{sources[0].Namespace}/{DigestPrefix}{CertificateFacts.Sha256(source)}")
            .Add(SourceUidTag, Fit(string.Join(',', sources.Select(secret => secret.Uid))))
            .Add(SourceVersionTag, Fit(string.Join(',', sources.Select(secret => secret.ResourceVersion))));
    }

    /// <summary>Whether a pattern has only characters of namespaces' names and wildcards, no more than a name can have. Others are refused: most match nothing, and so exclude, select or grant nothing.</summary>
    internal static bool IsNamespacePattern(Glob glob) =>
        glob.IsLiteral
            ? KubernetesName.IsNamespace(glob.Pattern)
            : glob.Pattern.AsSpan().IndexOfAnyExcept(PatternCharacters) < 0 && glob.WithoutSets() is var plain && plain.AsSpan().IndexOfAny("[!]") < 0
                && plain.Count(static character => character != '*') <= KubernetesName.MaximumNamespaceLength && glob.Pattern[0] != '-' && glob.Pattern[^1] != '-';

    private static string Fit(string value) => value.Length <= MaximumTagLength ? value : DigestPrefix + CertificateFacts.Sha256(value);
}

/// <summary>The owner of a certificate in the vault, by its tags.</summary>
public enum Owner
{
    /// <summary>This job, for this cluster.</summary>
    Us,

    /// <summary>This job, for another cluster.</summary>
    AnotherCluster,

    /// <summary>cert-manager-key-vault-sync.</summary>
    KeyVaultSync,

    /// <summary>A person or another tool.</summary>
    SomeoneElse,

    /// <summary>This job, in a later release whose tags this one does not support.</summary>
    LaterRelease,
}
