using System.Collections.Immutable;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.CertSync;

/// <summary>The validated values of <see cref="CertSyncSettings"/>, where each is documented.</summary>
public sealed record CertSyncOptions
{
    /// <summary>At least one; the first is the default.</summary>
    public required ImmutableArray<VaultAddress> Vaults { get; init; }

    public required SecretQuery Query { get; init; }

    public required VaultNames Names { get; init; }

    public required SyncPolicy Policy { get; init; }

    public required BundleOptions Bundle { get; init; }

    public required CertificateFormat Format { get; init; }

    public required PfxEncryption Encryption { get; init; }

    public required int Parallel { get; init; }

    public required Shard Shard { get; init; }

    /// <summary>Null to run without a Lease.</summary>
    public required string? LeaseName { get; init; }

    /// <summary>Null for the job's own.</summary>
    public required string? LeaseNamespace { get; init; }

    public required bool Events { get; init; }

    public required SignInMethod SignIn { get; init; }

    public required TimeSpan IssuerTimeout { get; init; }

    public required VaultSettings Vault { get; init; }

    /// <returns>Null if a value is invalid, which is added to <see cref="SettingValues.Faults"/>.</returns>
    public static CertSyncOptions? Read(SettingValues values)
    {
        var vaults = ReadVaults(values);
        var shard = ReadShard(values);
        if (values.Faults.Count > 0)
        {
            return null;
        }

        var cluster = values.Get(CertSyncSettings.Cluster);
        var filter = new SecretFilter
        {
            CertificateAnnotation = Of(CertSyncSettings.Annotation),
            IncludeNamespaces = [.. Of(CertSyncSettings.Namespaces)],
            ExcludeNamespaces = [.. Of(CertSyncSettings.ExcludedNamespaces)],
            CertificateNames = [.. Of(CertSyncSettings.CertificateNames)],
        };
        return new CertSyncOptions
        {
            Vaults = vaults,
            Query = new SecretQuery(filter)
            {
                IncludeOpaque = Of(CertSyncSettings.IncludeOpaque),
                LabelSelector = Of(CertSyncSettings.LabelSelector),
            },
            Names = new VaultNames(Of(CertSyncSettings.NameTemplate), cluster),
            Policy = new SyncPolicy(cluster)
            {
                Grants = [.. Of(CertSyncSettings.Grants)],
                IncludeAuthorities = Of(CertSyncSettings.IncludeAuthorities),
                Adopt = Of(CertSyncSettings.Adopt),
                AllowOlder = Of(CertSyncSettings.AllowOlder),
                Recover = !Of(CertSyncSettings.NoRecover),
                Full = Of(CertSyncSettings.Full),
                Prune = Of(CertSyncSettings.Prune),
                PruneLimit = Of(CertSyncSettings.PruneLimit),
            },
            Bundle = new BundleOptions(Of(CertSyncSettings.IncludeRoot), Of(CertSyncSettings.StrictChain)),
            Format = Of(CertSyncSettings.Format),
            Encryption = Of(CertSyncSettings.Encryption),
            Parallel = Of(CertSyncSettings.Parallel),
            Shard = shard,
            LeaseName = Of(CertSyncSettings.NoLease) ? null : Of(CertSyncSettings.LeaseName) ?? DefaultLease(cluster, shard),
            LeaseNamespace = Of(CertSyncSettings.LeaseNamespace),
            Events = Of(CertSyncSettings.Events),
            SignIn = Of(CertSyncSettings.Auth),
            IssuerTimeout = Of(CertSyncSettings.IssuerTimeout),
            Vault = ReadVaultSettings(values).SharedBy(shard.Count),
        };

        // A command without a setting has the setting's default.
        T Of<T>(Setting<T> setting) => values.TryGet(setting, out var value) ? value : setting.Default;
    }

    private static VaultSettings ReadVaultSettings(SettingValues values)
    {
        var defaults = new VaultSettings();
        return new VaultSettings
        {
            DisableChallengeVerification = values.Get(CertSyncSettings.DisableChallengeVerification),
            Retries = values.Get(RequestSettings.Retries) ?? defaults.Retries,
            RequestTimeout = values.Get(RequestSettings.Timeout) ?? defaults.RequestTimeout,
        };
    }

    private static Shard ReadShard(SettingValues values)
    {
        if (!values.TryGet(CertSyncSettings.Shard, out var text) || text is null)
        {
            return Shard.Whole;
        }

        if ((Shard.Parse(text) ?? Shard.Parse($"{values.Variable("JOB_COMPLETION_INDEX")}/{text}")) is { } shard)
        {
            return shard;
        }

        values.Faults.Add(CertSyncSettings.Shard, "must be INDEX/COUNT with an index from 0 to below the count, such as 0/4; COUNT alone needs JOB_COMPLETION_INDEX");
        return Shard.Whole;
    }

    private static ImmutableArray<VaultAddress> ReadVaults(SettingValues values)
    {
        if (!values.TryGet(CertSyncSettings.Vaults, out var texts))
        {
            return [];
        }

        _ = Uri.TryCreate(values.Variable(SignInEnvironment.AuthorityHostName), UriKind.Absolute, out var authority);
        var vaults = ImmutableArray.CreateBuilder<VaultAddress>();
        foreach (var text in texts)
        {
            if (VaultAddress.Parse(text, authority, out var fault) is { } vault)
            {
                vaults.Add(vault);
            }
            else
            {
                values.Faults.Add(CertSyncSettings.Vaults, $"is not right: {fault}");
            }
        }

        foreach (var twice in vaults.GroupBy(vault => vault.Alias, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            values.Faults.Add(CertSyncSettings.Vaults, $"must give each vault an alias of its own: '{twice.Key}' stands for {twice.Count()} (write ALIAS=NAME)");
        }

        foreach (var twice in vaults.GroupBy(vault => vault.Address).Where(group => group.Count() > 1))
        {
            values.Faults.Add(CertSyncSettings.Vaults, $"must name each vault once: {twice.Key.Host} is there {twice.Count()} times");
        }

        return vaults.ToImmutable();
    }

    /// <summary>A valid name of a Kubernetes object (RFC 1123 subdomain) for this cluster and shard.</summary>
    private static string DefaultLease(string cluster, Shard shard)
    {
        var name = string.Concat(cluster.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return $"certsync-{(name.Length > 200 ? name[..200] : name)}".TrimEnd('-') + (shard.Count > 1 ? $"-{shard.Index}-of-{shard.Count}" : "");
    }
}
