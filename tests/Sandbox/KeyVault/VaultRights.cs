namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>What a caller may do in a vault. The combinations correspond to Azure's roles.</summary>
[Flags]
public enum VaultRights
{
    None = 0,
    List = 1,
    Get = 2,
    Import = 4,
    Update = 8,
    Delete = 16,
    Recover = 32,

    Read = List | Get,

    /// <summary>The role <i>Key Vault Certificates Officer</i>: everything about certificates, and no private key back.</summary>
    CertificatesOfficer = Read | Import | Update | Recover | Delete,
}
