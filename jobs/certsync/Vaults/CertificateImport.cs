using System.Collections.Immutable;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>A certificate on its way into a vault.</summary>
/// <param name="Name">The name in the vault.</param>
/// <param name="Content">A PFX with an empty password, or PEM text: holds the private key, so the caller wipes it afterwards.</param>
/// <param name="Format">Which of the two it is.</param>
/// <param name="Tags">The tags of this job, all of them.</param>
public sealed record CertificateImport(string Name, byte[] Content, CertificateFormat Format, ImmutableDictionary<string, string> Tags)
{
    /// <summary>What the vault has under the name, whose tags by others are kept; null if nothing.</summary>
    public VaultCertificate? Current { get; init; }

    /// <summary>SHA-1 over the leaf's DER as lower-case hexadecimal, by which it is found again.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>The key, for a certificate that the vault cannot tell it from; null for all others.</summary>
    public KeyPolicy? KeyPolicy { get; init; }

    /// <summary>Whether a vault's certificate is what this import makes: the same leaf with the same tags of this job, the chain's hash among them.</summary>
    public bool IsMetBy(VaultCertificate found) =>
        found.Thumbprint == Thumbprint && Tags.All(tag => found.Tags.TryGetValue(tag.Key, out var value) && value == tag.Value);

    /// <summary>The name and the format: never the content.</summary>
    public override string ToString() => $"{Name} ({Format})";
}

/// <summary>The form in which a certificate is sent, and in which the secret behind it is read.</summary>
public enum CertificateFormat
{
    /// <summary>PKCS#12, <c>application/x-pkcs12</c>.</summary>
    Pfx,

    /// <summary>PEM with a PKCS#8 key, <c>application/x-pem-file</c>.</summary>
    Pem,
}
