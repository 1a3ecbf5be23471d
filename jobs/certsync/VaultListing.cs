using System.Collections.Concurrent;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>What one vault has, or why that is not known.</summary>
public sealed class VaultListing
{
    /// <summary>How many sparse entries are asked for at the same time.</summary>
    private const int MostLookUps = 8;

    private readonly Dictionary<string, VaultCertificate> byName = new(StringComparer.OrdinalIgnoreCase);

    private VaultListing(ICertificateVault vault) => Vault = vault;

    /// <summary>The vault.</summary>
    public ICertificateVault Vault { get; }

    /// <summary>What kept it from being listed; null when it was.</summary>
    public VaultException? Fault { get; private init; }

    /// <summary>The certificates that are not deleted, and those found to be.</summary>
    public IReadOnlyCollection<VaultCertificate> Certificates => byName.Values;

    /// <summary>Lists a vault. A vault that cannot be listed must not stop the others.</summary>
    public static async Task<VaultListing> ReadAsync(ICertificateVault vault, CancellationToken cancellation)
    {
        try
        {
            var listing = new VaultListing(vault);
            foreach (var certificate in await vault.ListAsync(cancellation))
            {
                listing.byName[certificate.Name] = certificate;
            }

            return listing;
        }
        catch (VaultException fault)
        {
            return new VaultListing(vault) { Fault = fault };
        }
    }

    /// <summary>What the vault has under a name, or its soft-deleted remains.</summary>
    public VaultCertificate? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Looks which of the names are soft-deleted. Where that may not be seen, an import tells.</summary>
    /// <returns>What kept it from being seen though it may be; null if nothing.</returns>
    public async Task<VaultException?> LookForDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        if (names.Count == 0)
        {
            return null;
        }

        try
        {
            foreach (var certificate in await Vault.FindDeletedAsync(names, cancellation) ?? [])
            {
                byName.TryAdd(certificate.Name, certificate);
            }

            return null;
        }
        catch (VaultException fault)
        {
            return fault;
        }
    }

    /// <summary>Asks for the certificates themselves where the listing leaves out what is needed.</summary>
    /// <returns>What kept it from getting one, by name.</returns>
    public async Task<IReadOnlyDictionary<string, VaultException>> CompleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var found = new ConcurrentDictionary<string, VaultCertificate?>(StringComparer.OrdinalIgnoreCase);
        var faults = new ConcurrentDictionary<string, VaultException>(StringComparer.OrdinalIgnoreCase);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MostLookUps, CancellationToken = cancellation };
        await Parallel.ForEachAsync(names, parallel, async (name, token) =>
        {
            try
            {
                found[name] = await Vault.FindAsync(name, token);
            }
            catch (VaultException fault)
            {
                faults[name] = fault;
            }
        });

        foreach (var (name, certificate) in found)
        {
            if (certificate is null)
            {
                byName.Remove(name);
            }
            else
            {
                byName[name] = certificate;
            }
        }

        return faults;
    }
}
