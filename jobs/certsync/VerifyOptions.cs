using System.Collections.Immutable;
using ClusterTrust.CertSync.Endpoints;
using ClusterTrust.CertSync.Serving;
using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.CertSync;

/// <summary>The validated values of the settings that only <c>verify</c> has.</summary>
/// <param name="Endpoints">The operator's endpoints, each with the alias of a configured vault.</param>
/// <param name="Propagation">How long an older version may be served.</param>
/// <param name="Timeout">How long one endpoint may take.</param>
public sealed record VerifyOptions(ImmutableArray<ConfiguredEndpoint> Endpoints, TimeSpan Propagation, TimeSpan Timeout)
{
    /// <param name="values">The settings.</param>
    /// <param name="options">The other options of the command.</param>
    /// <returns>Null if a value is invalid, which is added to <see cref="SettingValues.Faults"/>.</returns>
    public static VerifyOptions? Read(SettingValues values, CertSyncOptions? options)
    {
        if (options is null)
        {
            return null;
        }

        var endpoints = values.Get(CertSyncSettings.Endpoints)
            .Select(given => given with { Vault = options.Vaults.FirstOrDefault(vault => IsThat(vault.Alias, given.Vault ?? options.Vaults[0].Alias))?.Alias ?? given.Vault })
            .ToImmutableArray();
        foreach (var unknown in endpoints.Where(given => !options.Vaults.Any(vault => vault.Alias == given.Vault)))
        {
            values.Faults.Add(CertSyncSettings.Endpoints, $"names the vault '{unknown.Vault}', but the configured vaults are {string.Join(", ", options.Vaults.Select(static vault => vault.Alias))}");
        }

        return values.Faults.Count > 0 ? null
            : new VerifyOptions(endpoints, values.Get(CertSyncSettings.Propagation), values.Get(RequestSettings.Timeout) ?? TlsEndpointClient.DefaultTimeout);
    }

    private static bool IsThat(string alias, string other) => string.Equals(alias, other, StringComparison.OrdinalIgnoreCase);
}
