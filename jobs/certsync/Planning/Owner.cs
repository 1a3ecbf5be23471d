namespace ClusterTrust.CertSync.Planning;

/// <summary>Whose a certificate in the vault is, by its tags.</summary>
public enum Owner
{
    /// <summary>This job's, for this cluster.</summary>
    Us,

    /// <summary>This job's, for another cluster.</summary>
    AnotherCluster,

    /// <summary>cert-manager-key-vault-sync's.</summary>
    KeyVaultSync,

    /// <summary>A person's or another tool's.</summary>
    SomeoneElse,

    /// <summary>This job's, by a later release whose tags this one does not know.</summary>
    LaterRelease,
}
