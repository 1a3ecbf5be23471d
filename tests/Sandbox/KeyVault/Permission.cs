namespace ClusterTrust.Sandbox.KeyVault;

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
    public static readonly Permission Purge = new(VaultRights.Purge, "certificates purge", "certificates/purge/action");
    public static readonly Permission GetSecret = new(VaultRights.GetSecret, "secrets get", "secrets/getSecret/action");

    public string Collection => Action[..Action.IndexOf('/', StringComparison.Ordinal)];
}
