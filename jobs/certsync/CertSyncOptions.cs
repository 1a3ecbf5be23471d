using System.Collections.Immutable;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.CertSync.Vaults.SignIn;
using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.CertSync;

/// <summary>What a run of certsync is to do, checked.</summary>
public sealed record CertSyncOptions
{
    /// <summary>The vaults, at least one; the first is the default.</summary>
    public required ImmutableArray<VaultAddress> Vaults { get; init; }

    /// <summary>Which Secrets the API server is asked for.</summary>
    public required SecretQuery Query { get; init; }

    /// <summary>Which of them are synced.</summary>
    public required SecretFilter Filter { get; init; }

    /// <summary>How names are made.</summary>
    public required VaultNames Names { get; init; }

    /// <summary>What the planner may do.</summary>
    public required SyncPolicy Policy { get; init; }

    /// <summary>How chains are put together.</summary>
    public required BundleOptions Bundle { get; init; }

    /// <summary>The form that is sent.</summary>
    public required CertificateFormat Format { get; init; }

    /// <summary>How a PFX is encrypted.</summary>
    public required PfxEncryption Encryption { get; init; }

    /// <summary>How many certificates are worked on at the same time.</summary>
    public required int Parallel { get; init; }

    /// <summary>The part of the work.</summary>
    public required Shard Shard { get; init; }

    /// <summary>The Lease that keeps two runs apart, or null to run without.</summary>
    public required string? LeaseName { get; init; }

    /// <summary>Its namespace, or null for the job's own.</summary>
    public required string? LeaseNamespace { get; init; }

    /// <summary>Whether Events are put on the Secrets.</summary>
    public required bool Events { get; init; }

    /// <summary>How to sign in.</summary>
    public required SignInMethod SignIn { get; init; }

    /// <summary>How long to wait for an issuer that Entra ID cannot read yet.</summary>
    public required TimeSpan IssuerTimeout { get; init; }

    /// <summary>How vaults are spoken to.</summary>
    public required VaultSettings Vault { get; init; }

    /// <summary>Makes the options, or adds what is wrong to <see cref="SettingValues.Faults"/>.</summary>
    /// <returns>Null when something is wrong.</returns>
    public static CertSyncOptions? Read(SettingValues values)
    {
        var vaults = ReadVaults(values);
        var shard = ReadShard(values);
        if (values.Faults.Count > 0)
        {
            return null;
        }

        var cluster = values.Get(CertSyncSettings.Cluster);
        var annotation = values.Get(CertSyncSettings.Annotation);
        var filter = new SecretFilter
        {
            CertificateAnnotation = annotation,
            IncludeNamespaces = [.. values.Get(CertSyncSettings.Namespaces)],
            ExcludeNamespaces = [.. values.Get(CertSyncSettings.ExcludedNamespaces)],
            CertificateNames = [.. values.Get(CertSyncSettings.CertificateNames)],
        };
        return new CertSyncOptions
        {
            Vaults = vaults,
            Query = new SecretQuery
            {
                Namespaces = SecretQuery.ExactNamespaces(filter),
                ExcludedNamespaces = SecretQuery.ExactExclusions(filter),
                IncludeOpaque = values.Get(CertSyncSettings.IncludeOpaque),
                LabelSelector = values.Get(CertSyncSettings.LabelSelector),
                CertificateAnnotation = annotation,
            },
            Filter = filter,
            Names = new VaultNames(values.Get(CertSyncSettings.NameTemplate), cluster),
            Policy = new SyncPolicy(cluster)
            {
                Names = new NamePolicy([.. values.Get(CertSyncSettings.Grants)]),
                IncludeAuthorities = values.Get(CertSyncSettings.IncludeAuthorities),
                Adopt = values.Get(CertSyncSettings.Adopt),
                AllowOlder = values.Get(CertSyncSettings.AllowOlder),
                Recover = !values.Get(CertSyncSettings.NoRecover),
                Full = values.Get(CertSyncSettings.Full),
                Prune = values.Get(CertSyncSettings.Prune),
                PruneLimit = values.Get(CertSyncSettings.PruneLimit),
            },
            Bundle = new BundleOptions(values.Get(CertSyncSettings.IncludeRoot), values.Get(CertSyncSettings.StrictChain)),
            Format = values.Get(CertSyncSettings.Format),
            Encryption = values.Get(CertSyncSettings.Encryption),
            Parallel = values.Get(CertSyncSettings.Parallel),
            Shard = shard,
            LeaseName = values.Get(CertSyncSettings.NoLease) ? null : values.Get(CertSyncSettings.LeaseName) ?? DefaultLease(cluster, shard),
            LeaseNamespace = values.Get(CertSyncSettings.LeaseNamespace),
            Events = values.Get(CertSyncSettings.Events),
            SignIn = values.Get(CertSyncSettings.Auth),
            IssuerTimeout = values.Get(CertSyncSettings.IssuerTimeout),
            Vault = ReadVaultSettings(values, shard),
        };
    }

    private static VaultSettings ReadVaultSettings(SettingValues values, Shard shard)
    {
        var usual = new VaultSettings { DisableChallengeVerification = values.Get(CertSyncSettings.DisableChallengeVerification) };
        return (usual with
        {
            Retries = values.Get(RequestSettings.Retries) ?? usual.Retries,
            RequestTimeout = values.Get(RequestSettings.Timeout) ?? usual.RequestTimeout,
        }).SharedBy(shard.Count);
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

        _ = Uri.TryCreate(values.Variable("AZURE_AUTHORITY_HOST"), UriKind.Absolute, out var authority);
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

    /// <summary>A name a Kubernetes object can have (RFC 1123 subdomain) for this cluster and shard.</summary>
    private static string DefaultLease(string cluster, Shard shard)
    {
        var name = string.Concat(cluster.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return $"certsync-{(name.Length > 200 ? name[..200] : name)}".TrimEnd('-') + (shard.Count > 1 ? $"-{shard.Index}-of-{shard.Count}" : "");
    }
}
