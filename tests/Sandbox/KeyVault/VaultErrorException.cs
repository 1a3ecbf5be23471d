namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Carries an error answer up to the server.</summary>
internal sealed class VaultErrorException(VaultError error) : Exception(error.Message)
{
    public VaultError Error { get; } = error;
}
