using ClusterTrust.Sandbox.Entra;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Who makes a request, as its access token says.</summary>
internal sealed record VaultCaller(AccessToken Token)
{
    public string Describe(bool groups = false) =>
        $"appid={Token.ClientId};oid={Token.ObjectId};{(groups ? "numgroups=0;" : "")}iss={Token.Issuer}";
}
