using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// One vault that holds certificates. Every method throws <see cref="VaultException"/>, and nothing else, when the vault or the
/// sign-in to it does not do what was asked; all of them may be called in parallel, for different names.
/// </summary>
public interface ICertificateVault
{
    /// <summary>What the vault is called, and where it is.</summary>
    VaultAddress Vault { get; }

    /// <summary>Lists the newest version of every certificate that is not deleted: one request for each 25, and none besides.</summary>
    Task<IReadOnlyList<VaultCertificate>> ListAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Gets the newest version of one certificate, for a listing that leaves out what is needed: Key Vault's has everything but
    /// <c>tags</c> that are empty, others leave out more.
    /// </summary>
    /// <returns>The certificate; null if there is none.</returns>
    Task<VaultCertificate?> FindAsync(string name, CancellationToken cancellation = default);

    /// <summary>Finds which of the names are soft-deleted, as names that <see cref="ListAsync"/> did not return may be.</summary>
    /// <returns>Those that are; null if the identity may not look, or the service does not know deleted certificates, in which case an import tells (<see cref="VaultFault.SoftDeleted"/>).</returns>
    Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellation = default);

    /// <summary>
    /// Imports a certificate as a new version, with a policy by which the vault never renews it by itself. Waits, within bounds,
    /// for a deletion of the name that is still going on, and keeps to the vault's limit of imports.
    /// </summary>
    /// <returns>The new version as the vault holds it.</returns>
    Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellation = default);

    /// <summary>
    /// Replaces the tags of this job and keeps those of others; no new version. A certificate that <see cref="DisableAsync"/>
    /// switched off is enabled again.
    /// </summary>
    /// <param name="current">The certificate as listed.</param>
    /// <param name="tags">The tags of this job, all of them.</param>
    Task UpdateTagsAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, CancellationToken cancellation = default);

    /// <summary>Recovers a soft-deleted certificate and waits until the vault lets it be used, which takes some 10 to 20 seconds.</summary>
    /// <returns>The certificate, as it was before it was deleted.</returns>
    Task<VaultCertificate> RecoverAsync(string name, CancellationToken cancellation = default);

    /// <summary>Switches a certificate off and marks it as switched off by this job.</summary>
    /// <param name="current">The certificate as listed.</param>
    Task DisableAsync(VaultCertificate current, CancellationToken cancellation = default);

    /// <summary>Deletes a certificate, recoverably. One that is already gone is no fault.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation = default);

    /// <summary>
    /// Sees to it that the vault never renews a certificate by itself: for one that is taken over without an import, since
    /// <see cref="ImportAsync"/> does it anyway.
    /// </summary>
    /// <returns>True if the policy had to be changed.</returns>
    Task<bool> StopRenewalAsync(string name, CancellationToken cancellation = default);
}
