using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Reads and writes the tags by which this job knows its own certificates, and what they were made from.</summary>
public static class Ownership
{
    /// <summary>Who writes the certificate; <see cref="Manager"/> for this job.</summary>
    public const string ManagedByTag = "managed-by";

    /// <summary>The value of <see cref="ManagedByTag"/>.</summary>
    public const string Manager = "clustertrust-certsync";

    /// <summary>The cluster the certificate comes from.</summary>
    public const string ClusterTag = "cluster";

    /// <summary><c>namespace/secret</c>, several separated by commas.</summary>
    public const string SourceTag = "source";

    /// <summary>The Secret's uid, several separated by commas in the order of <see cref="SourceTag"/>.</summary>
    public const string SourceUidTag = "source-uid";

    /// <summary>The Secret's resourceVersion, several separated by commas in the order of <see cref="SourceTag"/>.</summary>
    public const string SourceVersionTag = "source-version";

    /// <summary>The name before <see cref="VaultNames.Map"/>, when that changed it.</summary>
    public const string SourceNameTag = "source-name";

    /// <summary>SHA-256 over the whole chain as sent, lower-case hexadecimal.</summary>
    public const string ChainTag = "chain-sha256";

    /// <summary>Present while <c>--prune disable</c> keeps the certificate disabled, so that it is enabled again when its Secret comes back.</summary>
    public const string PrunedTag = "pruned";

    /// <summary>The schema of these tags.</summary>
    public const string VersionTag = "tag-version";

    /// <summary>The schema this release writes.</summary>
    public const int Version = 1;

    /// <summary>The tag cert-manager-key-vault-sync writes.</summary>
    public const string KeyVaultSyncTag = "SyncFrom";

    /// <summary>The longest value a tag may safely have.</summary>
    public const int MaximumTagLength = 256;

    private const string DigestPrefix = "sha256:";

    /// <summary>Whose a certificate is.</summary>
    public static Owner OwnerOf(VaultCertificate certificate, string cluster)
    {
        var tags = certificate.Tags;
        if (tags.GetValueOrDefault(ManagedByTag) != Manager)
        {
            return tags.GetValueOrDefault(KeyVaultSyncTag) == "cert-manager-key-vault-sync"
                ? Owner.KeyVaultSync
                : Owner.SomeoneElse;
        }

        if (tags.GetValueOrDefault(ClusterTag) != cluster)
        {
            return Owner.AnotherCluster;
        }

        return int.TryParse(tags.GetValueOrDefault(VersionTag), CultureInfo.InvariantCulture, out var version) && version > Version
            ? Owner.LaterRelease
            : Owner.Us;
    }

    /// <summary>The tags for a certificate made from <paramref name="sources"/>.</summary>
    /// <param name="cluster">This cluster's name.</param>
    /// <param name="rawName">The name before it was mapped.</param>
    /// <param name="sources">The Secrets, in the order of <see cref="TlsSecretRef.Source"/>.</param>
    /// <param name="chainSha256">SHA-256 over the chain.</param>
    public static ImmutableDictionary<string, string> Tags(
        string cluster, string rawName, IReadOnlyList<TlsSecretRef> sources, string chainSha256)
    {
        var tags = SourceTags(sources).ToBuilder();
        tags[ManagedByTag] = Manager;
        tags[ClusterTag] = cluster;
        tags[ChainTag] = chainSha256;
        tags[VersionTag] = Version.ToString(CultureInfo.InvariantCulture);
        if (VaultNames.Map(rawName) != rawName)
        {
            tags[SourceNameTag] = Fit(rawName);
        }

        return tags.ToImmutable();
    }

    /// <summary>Whether the tags say that the certificate was made from exactly these Secrets in exactly these versions.</summary>
    public static bool IsMadeFrom(VaultCertificate certificate, IReadOnlyList<TlsSecretRef> sources) =>
        certificate.Tags.GetValueOrDefault(VersionTag) == Version.ToString(CultureInfo.InvariantCulture)
        && certificate.Tags.ContainsKey(ChainTag)
        && SourceTags(sources).All(tag => certificate.Tags.GetValueOrDefault(tag.Key) == tag.Value);

    /// <summary>The Secrets a certificate was made from as <c>namespace/name</c>; empty if the tags hold only a digest of them.</summary>
    public static ImmutableArray<string> SourcesOf(VaultCertificate certificate)
    {
        var source = certificate.Tags.GetValueOrDefault(SourceTag, "");
        return source.Length == 0 || source.StartsWith(DigestPrefix, StringComparison.Ordinal)
            ? []
            : [.. source.Split(',')];
    }

    private static ImmutableDictionary<string, string> SourceTags(IReadOnlyList<TlsSecretRef> sources) =>
        ImmutableDictionary<string, string>.Empty
            .Add(SourceTag, Fit(string.Join(',', sources.Select(secret => secret.Source))))
            .Add(SourceUidTag, Fit(string.Join(',', sources.Select(secret => secret.Uid))))
            .Add(SourceVersionTag, Fit(string.Join(',', sources.Select(secret => secret.ResourceVersion))));

    private static string Fit(string value) => value.Length <= MaximumTagLength
        ? value
        : DigestPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
