using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Writes a policy: what the name says, and what the latest certificate shows: of its X.509 properties the subject alone.</summary>
internal static class PolicyJson
{
    public static JsonObject Write(string id, StoredCertificate certificate, X509Certificate2 leaf) => new()
    {
        ["id"] = id,
        ["key_props"] = KeyProperties(certificate.Policy, leaf),
        ["secret_props"] = new JsonObject { ["contentType"] = certificate.Policy.ContentType },
        ["x509_props"] = new JsonObject { ["subject"] = leaf.Subject },
        ["lifetime_actions"] = new JsonArray([.. certificate.Policy.EffectiveActions.Select(static action => action.ToJson())]),
        ["issuer"] = new JsonObject { ["name"] = certificate.Policy.Issuer },
        ["attributes"] = new JsonObject
        {
            ["enabled"] = true,
            ["created"] = certificate.PolicyCreated.ToUnixTimeSeconds(),
            ["updated"] = certificate.PolicyUpdated.ToUnixTimeSeconds(),
        },
    };

    private static JsonObject KeyProperties(StoredPolicy policy, X509Certificate2 leaf)
    {
        using var rsa = leaf.GetRSAPublicKey();
        using var ec = leaf.GetECDsaPublicKey();
        var properties = new JsonObject
        {
            ["exportable"] = policy.Exportable,
            ["kty"] = rsa is not null ? "RSA" : "EC",
            ["key_size"] = rsa?.KeySize ?? ec?.KeySize,
            ["reuse_key"] = false,
        };
        if (KeyCurve.NameOf(ec) is { } curve)
        {
            properties["crv"] = curve;
        }

        return properties;
    }
}
