using ClusterTrust.CertSync.Endpoints;
using ClusterTrust.CertSync.Serving;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.CertSync;

/// <summary>The validated values of <see cref="CertSyncSettings"/>, where each is documented.</summary>
public sealed record CertSyncOptions
{
    /// <summary>At least one; the first is the default.</summary>
    public required ImmutableArray<VaultAddress> Vaults { get; init; }

    public required SecretFilter Filter { get; init; }

    public required VaultNames Names { get; init; }

    public required SyncPolicy Policy { get; init; }

    public TargetResolver Resolver => new(Filter, Names, Policy, [.. Vaults.Select(static vault => vault.Alias)]);

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

    /// <summary>The operator's endpoints, each with the alias of a configured vault; only <c>verify</c> has any.</summary>
    public required ImmutableArray<ConfiguredEndpoint> Endpoints { get; init; }

    public required TimeSpan Propagation { get; init; }

    public required TimeSpan EndpointTimeout { get; init; }

    /// <returns>Null if a value is invalid, which is added to <see cref="SettingValues.Faults"/>.</returns>
    public static CertSyncOptions? Read(SettingValues values)
    {
        var vaults = ReadVaults(values);
        var shard = ReadShard(values);
        var endpoints = values.Faults.Count == 0 ? ReadEndpoints(values, vaults) : [];
        if (values.Faults.Count > 0)
        {
            return null;
        }

        var cluster = values.Get(CertSyncSettings.Cluster);
        return new CertSyncOptions
        {
            Vaults = vaults,
            Filter = new SecretFilter
            {
                CertificateAnnotation = Of(CertSyncSettings.Annotation),
                IncludeNamespaces = [.. Of(CertSyncSettings.Namespaces)],
                ExcludeNamespaces = [.. Of(CertSyncSettings.ExcludedNamespaces)],
                CertificateNames = [.. Of(CertSyncSettings.CertificateNames)],
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
            Endpoints = endpoints,
            Propagation = Of(CertSyncSettings.Propagation),
            EndpointTimeout = values.Get(RequestSettings.Timeout) ?? TlsEndpointClient.DefaultTimeout,
        };

        // A command without a setting has the setting's default.
        T Of<T>(Setting<T> setting) => values.GetOrDefault(setting);
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

        values.Faults.Add(CertSyncSettings.Shard, "must be INDEX/COUNT with an index from 0 to COUNT-1, such as 0/4; COUNT alone requires JOB_COMPLETION_INDEX");
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
            var (vault, fault) = VaultAddress.Parse(text, authority);
            if (fault is null)
            {
                vaults.Add(vault);
            }
            else
            {
                values.Faults.Add(CertSyncSettings.Vaults, $"is invalid: {fault}");
            }
        }

        foreach (var twice in vaults.GroupBy(vault => vault.Alias, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            values.Faults.Add(CertSyncSettings.Vaults, $"must give each vault its own alias: '{twice.Key}' is the alias of {twice.Count()} vaults (use ALIAS=NAME)");
        }

        foreach (var twice in vaults.GroupBy(vault => vault.Address).Where(group => group.Count() > 1))
        {
            values.Faults.Add(CertSyncSettings.Vaults, $"must name each vault once: {twice.Key.Host} occurs {twice.Count()} times");
        }

        return vaults.ToImmutable();
    }

    private static ImmutableArray<ConfiguredEndpoint> ReadEndpoints(SettingValues values, ImmutableArray<VaultAddress> vaults)
    {
        if (!values.TryGet(CertSyncSettings.Endpoints, out var given))
        {
            return [];
        }

        var endpoints = ImmutableArray.CreateBuilder<ConfiguredEndpoint>();
        foreach (var endpoint in given)
        {
            var alias = endpoint.Vault ?? vaults[0].Alias;
            if (vaults.FirstOrDefault(vault => vault.Alias.Equals(alias, StringComparison.OrdinalIgnoreCase)) is { } vault)
            {
                endpoints.Add(endpoint with { Vault = vault.Alias });
            }
            else
            {
                values.Faults.Add(CertSyncSettings.Endpoints, $"names the vault '{alias}', but the configured vaults are {string.Join(", ", vaults.Select(static vault => vault.Alias))}");
            }
        }

        return endpoints.ToImmutable();
    }

    /// <summary>A valid name of a Kubernetes object (RFC 1123 subdomain) for this cluster and shard.</summary>
    private static string DefaultLease(string cluster, Shard shard)
    {
        var name = string.Concat(cluster.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return $"certsync-{(name.Length > 200 ? name[..200] : name)}".TrimEnd('-') + (shard.Count > 1 ? $"-{shard.Index}-of-{shard.Count}" : "");
    }
}
