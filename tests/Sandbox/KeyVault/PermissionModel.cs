namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>How a vault decides on rights; here it only changes how a refusal is worded.</summary>
public enum PermissionModel
{
    Rbac,
    AccessPolicy,
}
