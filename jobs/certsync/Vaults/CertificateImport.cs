using System.Collections.Immutable;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>A certificate to import.</summary>
/// <param name="Name">The name in the vault.</param>
/// <param name="Content">A PFX with an empty password, or PEM text. Holds the private key: the caller wipes it afterwards.</param>
/// <param name="Format">The format of the content.</param>
/// <param name="Tags">All tags of this job.</param>
public sealed record CertificateImport(string Name, byte[] Content, CertificateFormat Format, ImmutableDictionary<string, string> Tags)
{
    /// <summary>What the vault has under the name, whose foreign tags are kept; null if nothing.</summary>
    public VaultCertificate? Current { get; init; }

    /// <summary>SHA-1 over the leaf's DER as lower-case hexadecimal.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>The key, if the vault cannot derive it from the certificate; otherwise null.</summary>
    public KeyPolicy? KeyPolicy { get; init; }

    /// <summary>Whether a vault's certificate is the result of this import: the same leaf and the same tags of this job, with the chain's hash.</summary>
    public bool IsMetBy(VaultCertificate found) =>
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
