using Azure;
using Azure.Security.KeyVault.Certificates;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Reads a vault's lists: its certificates, the deleted ones, and the versions of one.</summary>
internal sealed class CertificateLists(VaultAddress vault, CertificateClient client, VaultFaults faults)
{
    /// <summary>Up to this many names are looked up one by one; for more, all deleted certificates are listed, 25 a request.</summary>
    private const int MaximumLookUps = 8;

    /// <summary>Pages of 25 versions that are read of one certificate: twice the 500 versions at which a vault's backup fails.</summary>
    private const int MaximumVersionPages = 40;

    /// <summary>Characters of names and tags that are kept: enough for some 70,000 certificates.</summary>
    private const long MaximumCharacters = 32 * 1024 * 1024;

    public Task<List<VaultCertificate>> ListAsync(CancellationToken cancellationToken) => faults.ExplainAsync(
        "list the certificates",
        "",
        () => ReadPagesAsync(client.GetPropertiesOfCertificatesAsync(includePending: false, cancellationToken), static listed => listed, isDeleted: false),
        cancellationToken);

    public async Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        try
        {
            return names.Count <= MaximumLookUps && await LookUpDeletedAsync(names, cancellationToken) is { } found ? found : await ListDeletedAsync(names, cancellationToken);
        }
        catch (VaultException e) when (e.Fault is VaultFault.Forbidden or VaultFault.NotFound or VaultFault.Unsupported or VaultFault.Rejected)
        {
            return null;
        }
    }

    /// <summary>Reads the versions of a certificate, up to <see cref="MaximumVersionPages"/>; none if there is no such certificate.</summary>
    public async Task<(List<VaultCertificate> Versions, bool IsComplete)> ReadVersionsAsync(string name, CancellationToken cancellationToken)
    {
        var versions = new List<VaultCertificate>();
        var pages = 0;
        await foreach (var page in client.GetPropertiesOfCertificateVersionsAsync(name, cancellationToken).AsPages())
        {
            versions.AddRange(page.Values.Select(version => CertificateReader.Read(vault.Alias, version, isDeleted: false, keepsAllTags: false)));
            if (++pages == MaximumVersionPages)
            {
                return (versions, page.ContinuationToken is null);
            }
        }

        return (versions, true);
    }

    private async Task<IReadOnlyList<VaultCertificate>> ListDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var requested = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var deleted = client.GetDeletedCertificatesAsync(includePending: false, cancellationToken);
        var found = await faults.ExplainAsync(
            "list the deleted certificates", "", () => ReadPagesAsync(deleted, static one => one.Properties, isDeleted: true), cancellationToken);
        return found.FindAll(certificate => requested.Contains(certificate.Name));
    }

    /// <returns>
    /// Null if a response is not about a deleted certificate: an emulator returns an operation, and has the certificate in its list,
    /// or does not support it at all.
    /// </returns>
    private async Task<IReadOnlyList<VaultCertificate>?> LookUpDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var found = new List<VaultCertificate>();
        foreach (var name in names)
        {
            try
            {
                var deleted = await faults.FindAsync("get the deleted certificate", name, async () => CertificateReader.Read(
                    vault.Alias, (await client.GetDeletedCertificateAsync(name, cancellationToken)).Value.Properties, isDeleted: true, keepsAllTags: true), cancellationToken);
                if (deleted is not null)
                {
                    found.Add(deleted);
                }
            }
            catch (VaultException e) when (e.InnerException is RequestFailedException { Status: (>= 200 and < 300) or 404 })
            {
                return null;
            }
        }

        return found;
    }

    private async Task<List<VaultCertificate>> ReadPagesAsync<T>(AsyncPageable<T> listing, Func<T, CertificateProperties> propertiesOf, bool isDeleted)
        where T : notnull
    {
        var found = new List<VaultCertificate>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var budget = new ListingBudget(MaximumCharacters);
        await foreach (var page in listing.AsPages())
        {
            foreach (var item in page.Values)
            {
                // The SDK derives the name from the id.
                var certificate = CertificateReader.Read(vault.Alias, propertiesOf(item), isDeleted, keepsAllTags: false) is { Name.Length: > 0 } named ? named : throw new FormatException("A certificate has no id.");
                if (names.Add(certificate.Name))
                {
                    budget.Add(certificate.Name.Length + certificate.Tags.Sum(static tag => tag.Key.Length + tag.Value.Length));
                    found.Add(certificate);
                }
            }

            if (budget.EndPage() is { } fault && page.ContinuationToken is not null)
            {
                throw new VaultException(VaultFault.NotUnderstood, $"The list of certificates of Key Vault {vault} {fault}: check which service answers at {vault.Address.Authority}.");
            }
        }

        return found;
    }
}
