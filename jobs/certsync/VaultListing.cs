using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>The certificates of one vault, or why they could not be listed: a fault of one vault must not stop the others.</summary>
public sealed class VaultListing
{
    private readonly Dictionary<string, VaultCertificate> _byName = new(StringComparer.OrdinalIgnoreCase);

    private VaultListing(ICertificateVault vault) => Vault = vault;

    public ICertificateVault Vault { get; }

    public string Alias => Vault.Vault.Alias;

    /// <summary>Why it could not be listed; null if it was.</summary>
    public Exception? Fault { get; private init; }

    /// <summary>The certificates that are not deleted, and the soft-deleted ones that were found.</summary>
    public ICollection<VaultCertificate> Certificates => _byName.Values;

    /// <summary>Lists the Secrets and the vaults.</summary>
    /// <exception cref="JobException">No vault could be listed; if a retry may fix one, the fault of that one.</exception>
    public static async Task<(SecretListing Secrets, VaultListing[] Vaults)> ReadAllAsync(
        ISecretLister lister, IReadOnlyList<ICertificateVault> vaults, CancellationToken cancellationToken)
    {
        var listing = vaults.Select(vault => ReadAsync(vault, cancellationToken)).ToArray();
        var secrets = await lister.ListAsync(cancellationToken);
        var listings = await Task.WhenAll(listing);
        return listings.All(static one => one.Fault is JobException)
            ? throw listings.MinBy(static one => ((JobException)one.Fault!).ExitCode)!.Fault!
            : (secrets, listings);
    }

    /// <summary>The certificate with a name, soft-deleted or not; null if there is none.</summary>
    public VaultCertificate? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Adds those of the names that are soft-deleted, if the identity may list them.</summary>
    /// <returns>The fault that prevented it; null if none.</returns>
    public async Task<Exception?> AddDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
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

    private static async Task<VaultListing> ReadAsync(ICertificateVault vault, CancellationToken cancellationToken)
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
}
