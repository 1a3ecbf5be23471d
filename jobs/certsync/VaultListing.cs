using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>What one vault has, or why that is not known.</summary>
public sealed class VaultListing
{
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
    public async Task LookForDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        if (names.Count == 0 || await Vault.FindDeletedAsync(names, cancellation) is not { } deleted)
        {
            return;
        }

        foreach (var certificate in deleted)
        {
            byName.TryAdd(certificate.Name, certificate);
        }
    }
}
