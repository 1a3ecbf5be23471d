using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// A vault that holds certificates. Every method throws <see cref="VaultException"/>, and nothing else, if the vault or the sign-in
/// fails. Methods may be called concurrently for different names.
/// </summary>
public interface ICertificateVault
{
    VaultAddress Vault { get; }

    /// <summary>Lists the newest version of every certificate that is not deleted, in one request for each 25.</summary>
    Task<IReadOnlyList<VaultCertificate>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Gets the newest version of one certificate with everything that a listing may omit.</summary>
    /// <returns>Null if there is none.</returns>
    Task<VaultCertificate?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Gets the versions of one certificate, in one request for each 25, and the names in the newest.</summary>
    /// <returns>Null if there is none.</returns>
    Task<VaultHistory?> FindHistoryAsync(string name, CancellationToken cancellationToken);

    /// <summary>Finds which of the names are soft-deleted.</summary>
    /// <returns>
    /// Null if the identity may not read deleted certificates, or the service does not support them; then an import fails with
    /// <see cref="VaultFault.SoftDeleted"/>.
    /// </returns>
    Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>
    /// Imports a certificate as a new version, with a policy under which the vault never renews it itself. Waits, within bounds, for a
    /// deletion of the name in progress, and keeps to the vault's limit of imports.
    /// </summary>
    /// <returns>The new version in the vault.</returns>
    Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces this job's tags and keeps those of others; no new version. A certificate that <see cref="DisableAsync"/> disabled is
    /// enabled again.
    /// </summary>
    /// <param name="current">The certificate as listed.</param>
    /// <param name="tags">All tags of this job.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task UpdateTagsAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    /// <summary>Recovers a soft-deleted certificate and waits until it can be used, usually 10 to 20 seconds.</summary>
    /// <returns>The certificate, as it was before it was deleted.</returns>
    Task<VaultCertificate> RecoverAsync(string name, CancellationToken cancellationToken);

    /// <summary>Disables a certificate, with a tag that this job did so.</summary>
    Task DisableAsync(VaultCertificate current, CancellationToken cancellationToken);

    /// <summary>Deletes a certificate, recoverably. One that does not exist is no fault.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Disables the vault's own renewal of a certificate: for one that is adopted without an import.</summary>
    /// <returns>Whether the policy had to be changed.</returns>
    Task<bool> StopRenewalAsync(string name, CancellationToken cancellationToken);
}
