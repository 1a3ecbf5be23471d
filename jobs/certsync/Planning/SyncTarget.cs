using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>A certificate that should be in a vault, and the Secrets it may come from.</summary>
/// <param name="Vault">The vault's alias.</param>
/// <param name="Name">The name in the vault.</param>
/// <param name="RawName">The name before it was mapped to what Key Vault can hold.</param>
/// <param name="Sources">The Secrets, at least one, ordered by namespace and name.</param>
public sealed record SyncTarget(string Vault, string Name, string RawName, ImmutableArray<TlsSecretRef> Sources)
{
    /// <summary>Where it should be.</summary>
    public VaultKey Key => new(Vault, Name);
}
