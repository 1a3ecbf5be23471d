using ClusterTrust.Sandbox.Entra;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>What a caller may do in a vault. The combinations stand for Azure's roles.</summary>
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

    /// <summary>The data action <c>certificates/read</c>.</summary>
    Read = List | Get,

    /// <summary>The smallest custom role that synchronises: read, import, update, recover.</summary>
    Synchronise = Read | Import | Update | Recover,

    /// <summary>The role <i>Key Vault Certificates Officer</i>: everything about certificates, and no private key back.</summary>
    CertificatesOfficer = Synchronise | Delete,
}

/// <summary>One right with the names that the two permission models have for it.</summary>
/// <param name="Right">The right.</param>
/// <param name="PolicyName">In an access policy: <c>certificates import</c>.</param>
/// <param name="Action">As a data action below <c>Microsoft.KeyVault/vaults/</c>.</param>
internal sealed record Permission(VaultRights Right, string PolicyName, string Action)
{
    public static readonly Permission List = new(VaultRights.List, "certificates list", "certificates/read");
    public static readonly Permission Get = new(VaultRights.Get, "certificates get", "certificates/read");
    public static readonly Permission Import = new(VaultRights.Import, "certificates import", "certificates/import/action");
    public static readonly Permission Update = new(VaultRights.Update, "certificates update", "certificates/update/action");
    public static readonly Permission Delete = new(VaultRights.Delete, "certificates delete", "certificates/delete");
    public static readonly Permission Recover = new(VaultRights.Recover, "certificates recover", "certificates/recover/action");
}

/// <summary>How a vault decides on rights; here it only changes how a refusal is worded.</summary>
public enum PermissionModel
{
    Rbac,
    AccessPolicy,
}

/// <summary>Who makes a request, as its access token says.</summary>
internal sealed record VaultCaller(AccessToken Token)
{
    public string Describe(bool groups = false) =>
        $"appid={Token.ClientId};oid={Token.ObjectId};{(groups ? "numgroups=0;" : "")}iss={Token.Issuer}";
}
