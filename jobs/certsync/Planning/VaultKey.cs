namespace ClusterTrust.CertSync.Planning;

/// <summary>A place for a certificate: a vault and a name in it, equal without regard to case as Key Vault's identifiers are.</summary>
/// <param name="Vault">The vault's alias.</param>
/// <param name="Name">The certificate's name.</param>
public readonly record struct VaultKey(string Vault, string Name)
{
    /// <inheritdoc/>
    public bool Equals(VaultKey other) =>
        string.Equals(Vault, other.Vault, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(
        StringComparer.OrdinalIgnoreCase.GetHashCode(Vault),
        StringComparer.OrdinalIgnoreCase.GetHashCode(Name));

    /// <inheritdoc/>
    public override string ToString() => $"{Vault}/{Name}";
}
