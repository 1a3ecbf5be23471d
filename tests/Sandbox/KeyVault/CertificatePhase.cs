namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Where a certificate is in its life.</summary>
public enum CertificatePhase
{
    Active,
    BeingDeleted,
    Deleted,
    BeingRecovered,
}
