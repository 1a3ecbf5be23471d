using System.Collections.Concurrent;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>What one vault has, or why that is not known. Whatever goes wrong with one vault must not stop the others.</summary>
public sealed class VaultListing
{
    /// <summary>How many sparse entries are asked for at the same time.</summary>
    private const int MostLookUps = 8;

    private readonly Dictionary<string, VaultCertificate> _byName = new(StringComparer.OrdinalIgnoreCase);

    private VaultListing(ICertificateVault vault) => Vault = vault;

    /// <summary>The vault.</summary>
    public ICertificateVault Vault { get; }

    /// <summary>Its alias.</summary>
    public string Alias => Vault.Vault.Alias;

    /// <summary>What kept it from being listed; null when it was.</summary>
    public Exception? Fault { get; private init; }

    /// <summary>The certificates that are not deleted, and those found to be.</summary>
    public IReadOnlyCollection<VaultCertificate> Certificates => _byName.Values;

    /// <summary>Lists a vault.</summary>
    public static async Task<VaultListing> ReadAsync(ICertificateVault vault, CancellationToken cancellationToken)
    {
        try
        {
            var listing = new VaultListing(vault);
            foreach (var certificate in await vault.ListAsync(cancellationToken))
            {
                listing._byName[certificate.Name] = certificate;
            }

            return listing;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return new VaultListing(vault) { Fault = fault };
        }
    }

    /// <summary>What the vault has under a name, or its soft-deleted remains.</summary>
    public VaultCertificate? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Looks which of the names are soft-deleted. Where that may not be seen, an import tells.</summary>
    /// <returns>What kept it from being seen though it may be; null if nothing.</returns>
    public async Task<Exception?> LookForDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return null;
        }

        try
        {
            foreach (var certificate in await Vault.FindDeletedAsync(names, cancellationToken) ?? [])
            {
                _byName.TryAdd(certificate.Name, certificate);
            }

            return null;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return fault;
        }
    }

    /// <summary>Asks for the certificates themselves where the listing leaves out what is needed.</summary>
    /// <returns>What kept it from getting one, by name.</returns>
    public async Task<IReadOnlyDictionary<string, Exception>> CompleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<string, VaultCertificate?>(StringComparer.OrdinalIgnoreCase);
        var faults = new ConcurrentDictionary<string, Exception>(StringComparer.OrdinalIgnoreCase);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MostLookUps, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(names, parallel, async (name, token) =>
        {
            try
            {
                found[name] = await Vault.FindAsync(name, token);
            }
            catch (Exception fault) when (!token.IsCancellationRequested)
            {
                faults[name] = fault;
            }
        });

        foreach (var (name, certificate) in found)
        {
            if (certificate is null)
            {
                _byName.Remove(name);
            }
            else
            {
                _byName[name] = certificate;
            }
        }

        return faults;
    }
}
