using ClusterTrust.CertSync.Endpoints;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>The values of <see cref="CertSyncSettings"/>, where each is documented.</summary>
/// <param name="Values">Contain the default of a setting that the command does not have.</param>
public sealed record CertSyncOptions(SettingValues Values)
{
    /// <summary>At least one; the first is the default.</summary>
    public ImmutableArray<VaultAddress> Vaults { get; init; } = ReadVaults(Values);

    public Shard Shard { get; init; } = ReadShard(Values);

    public SecretFilter Filter { get; init; } = new()
    {
        CertificateAnnotation = Values.GetOrDefault(CertSyncSettings.Annotation),
        IncludeNamespaces = [.. Values.GetOrDefault(CertSyncSettings.Namespaces)],
        ExcludeNamespaces = [.. Values.GetOrDefault(CertSyncSettings.ExcludedNamespaces)],
        CertificateNames = [.. Values.GetOrDefault(CertSyncSettings.CertificateNames)],
        IncludeOpaque = Values.GetOrDefault(CertSyncSettings.IncludeOpaque),
        LabelSelector = Values.GetOrDefault(CertSyncSettings.LabelSelector),
    };

    public SyncPolicy Policy { get; init; } = new(Values.GetOrDefault(CertSyncSettings.Cluster))
    {
        Grants = [.. Values.GetOrDefault(CertSyncSettings.Grants)],
        IncludeAuthorities = Values.GetOrDefault(CertSyncSettings.IncludeAuthorities),
        Adopt = Values.GetOrDefault(CertSyncSettings.Adopt),
        AllowOlder = Values.GetOrDefault(CertSyncSettings.AllowOlder),
        Recover = !Values.GetOrDefault(CertSyncSettings.NoRecover),
        Full = Values.GetOrDefault(CertSyncSettings.Full),
        Prune = Values.GetOrDefault(CertSyncSettings.Prune),
        PruneLimit = Values.GetOrDefault(CertSyncSettings.PruneLimit),
    };

    public VaultNames Names { get; init; } = new(Values.GetOrDefault(CertSyncSettings.NameTemplate), Values.GetOrDefault(CertSyncSettings.Cluster));

    public TargetResolver Resolver => new(Filter, Names, Policy, [.. Vaults.Select(static vault => vault.Alias)]);

    public BundleOptions Bundle { get; init; } = new(Values.GetOrDefault(CertSyncSettings.IncludeRoot), Values.GetOrDefault(CertSyncSettings.StrictChain));

    public CertificateFormat Format { get; init; } = Values.GetOrDefault(CertSyncSettings.Format);

    public PfxEncryption Encryption { get; init; } = Values.GetOrDefault(CertSyncSettings.Encryption);

    public int Parallel { get; init; } = Values.GetOrDefault(CertSyncSettings.Parallel);

    public VaultSettings Vault { get; init; } = ReadVaultSettings(Values);

    /// <summary>The operator's endpoints, each with the alias of a configured vault; only <c>verify</c> has any.</summary>
    public ImmutableArray<ConfiguredEndpoint> Endpoints { get; init; } = [];

    public TimeSpan Propagation => Values.GetOrDefault(CertSyncSettings.Propagation);

    public TimeSpan EndpointTimeout => Values.GetOrDefault(RequestSettings.Timeout) ?? TlsEndpointClient.DefaultTimeout;

    /// <summary>Null to run without a Lease.</summary>
    public string? LeaseName => Values.GetOrDefault(CertSyncSettings.NoLease) ? null : Values.GetOrDefault(CertSyncSettings.LeaseName) ?? DefaultLease(Policy.Cluster, Shard);

    /// <returns>Null if a value is invalid, which is added to <see cref="SettingValues.Faults"/>.</returns>
    public static CertSyncOptions? Read(SettingValues values)
    {
        var options = new CertSyncOptions(values);
        options = options with
        {
            Vault = options.Vault.SharedBy(options.Shard.Count),
            Endpoints = values.Faults.Count == 0 ? ReadEndpoints(values, options.Vaults) : [],
        };
        return values.Faults.Count == 0 ? options : null;
    }

    private static VaultSettings ReadVaultSettings(SettingValues values)
    {
        var defaults = new VaultSettings();
        return defaults with
        {
            DisableChallengeVerification = values.GetOrDefault(CertSyncSettings.DisableChallengeVerification),
            Retries = values.GetOrDefault(RequestSettings.Retries) ?? defaults.Retries,
            RequestTimeout = values.GetOrDefault(RequestSettings.Timeout) ?? defaults.RequestTimeout,
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

        foreach (var duplicate in vaults.GroupBy(vault => vault.Alias, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            values.Faults.Add(CertSyncSettings.Vaults, $"must give each vault its own alias: '{duplicate.Key}' is the alias of {duplicate.Count()} vaults (use ALIAS=NAME)");
        }

        foreach (var duplicate in vaults.GroupBy(vault => vault.Address).Where(group => group.Count() > 1))
        {
            values.Faults.Add(CertSyncSettings.Vaults, $"must name each vault once: {duplicate.Key.Host} occurs {duplicate.Count()} times");
        }

        return vaults.ToImmutable();
    }

    private static ImmutableArray<ConfiguredEndpoint> ReadEndpoints(SettingValues values, ImmutableArray<VaultAddress> vaults)
    {
        if (!values.TryGet(CertSyncSettings.Endpoints, out var configured))
        {
            return [];
        }

        var endpoints = ImmutableArray.CreateBuilder<ConfiguredEndpoint>();
        foreach (var endpoint in configured)
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
