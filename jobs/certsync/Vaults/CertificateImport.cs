using System.Collections.Immutable;
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

    /// <summary>The name and the format: never the content.</summary>
    public override string ToString() => $"{Name} ({Format})";
}
