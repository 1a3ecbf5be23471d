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

    /// <summary>Finds the soft-deleted certificates among the names.</summary>
    /// <returns>
    /// Null if the identity may not read deleted certificates, or the service does not support them; then an import fails with
    /// <see cref="VaultFault.SoftDeleted"/>.
    /// </returns>
    Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>
    /// Imports a certificate as a new version, with a policy under which the vault never renews it itself. Waits, within bounds, for a
    /// deletion of the name in progress, and stays within the vault's limit of imports.
    /// </summary>
    /// <returns>The new version in the vault.</returns>
    Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces this job's tags and keeps those of others; no new version. A certificate that <see cref="DisableAsync"/> disabled is
    /// enabled again.
    /// </summary>
    Task UpdateTagsAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    /// <summary>Recovers a soft-deleted certificate and waits until it can be used, usually 10 to 20 seconds.</summary>
    /// <returns>The certificate, as it was before it was deleted.</returns>
    Task<VaultCertificate> RecoverAsync(string name, CancellationToken cancellationToken);

    /// <summary>Disables a certificate, and adds a tag that records that this job did.</summary>
    Task DisableAsync(VaultCertificate current, CancellationToken cancellationToken);

    /// <summary>Deletes a certificate, recoverably. One that does not exist is no fault.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Disables the vault's own renewal of a certificate: for one that is adopted without an import.</summary>
    Task StopRenewalAsync(string name, CancellationToken cancellationToken);
}

/// <param name="Content">A PFX with an empty password, or PEM text. Contains the private key: the caller wipes it afterwards.</param>
public sealed record CertificateImport(string Name, byte[] Content, CertificateFormat Format, ImmutableDictionary<string, string> Tags)
{
    /// <summary>The vault's certificate, whose tags of other writers are kept; null if there is none.</summary>
    public VaultCertificate? Current { get; init; }

    /// <summary>SHA-1 over the leaf's DER as lower-case hexadecimal.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>The key, if the vault cannot derive it from the certificate; otherwise null.</summary>
    public KeyPolicy? KeyPolicy { get; init; }

    /// <summary>Whether a vault's certificate is the result of this import: the same leaf and the same tags of this job, with the chain's hash.</summary>
    public bool Matches(VaultCertificate found) =>
        found.Thumbprint == Thumbprint && Tags.All(tag => found.Tags.TryGetValue(tag.Key, out var value) && value == tag.Value);

    /// <summary>The name and the format: never the content.</summary>
    public override string ToString() => $"{Name} ({Format})";
}

/// <summary>The format in which a certificate is imported, and in which the secret behind it is read.</summary>
public enum CertificateFormat
{
    /// <summary>PKCS#12, <c>application/x-pkcs12</c>.</summary>
    Pfx,

    /// <summary>PEM with a PKCS#8 key, <c>application/x-pem-file</c>.</summary>
    Pem,
}
