using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Writes a policy: what the name says, and what the latest certificate shows.</summary>
internal static class PolicyJson
{
    public static JsonObject Write(string id, StoredCertificate certificate, X509Certificate2 leaf) => new()
    {
        ["id"] = id,
        ["key_props"] = KeyProperties(certificate.Policy, leaf),
        ["secret_props"] = new JsonObject { ["contentType"] = certificate.Policy.ContentType },
        ["x509_props"] = X509Properties(leaf),
        ["lifetime_actions"] = new JsonArray([.. certificate.Policy.EffectiveActions.Select(static action => action.ToJson())]),
        ["issuer"] = new JsonObject { ["name"] = certificate.Policy.Issuer },
        ["attributes"] = new JsonObject
        {
            ["enabled"] = certificate.Policy.Enabled,
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
            ["reuse_key"] = policy.ReuseKey,
        };
        if (KeyCurve.NameOf(ec) is { } curve)
        {
            properties["crv"] = curve;
        }

        return properties;
    }

    private static JsonObject X509Properties(X509Certificate2 leaf)
    {
        var properties = new JsonObject { ["subject"] = leaf.Subject };
        if (SubjectAlternativeNames.Read(leaf) is { } names)
        {
            properties["sans"] = names;
        }

        properties["ekus"] = new JsonArray([.. leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(static extension => extension.EnhancedKeyUsages.OfType<System.Security.Cryptography.Oid>())
            .Select(static usage => (JsonNode)usage.Value!)]);
        properties["key_usage"] = new JsonArray([.. KeyUsages(leaf).Order(StringComparer.Ordinal).Select(static usage => (JsonNode)usage)]);
        properties["validity_months"] = ValidityMonths(leaf);
        properties["basic_constraints"] = new JsonObject
        {
            ["ca"] = leaf.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority ?? false,
        };
        return properties;
    }

    /// <summary>The lifetime in months, rounded up.</summary>
    private static int ValidityMonths(X509Certificate2 leaf)
    {
        var (from, to) = (leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
        var months = (to.Year - from.Year) * 12 + to.Month - from.Month;
        return from.AddMonths(months) < to ? months + 1 : months;
    }

    private static IEnumerable<string> KeyUsages(X509Certificate2 leaf)
    {
        var flags = leaf.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages ?? X509KeyUsageFlags.None;
        foreach (var (flag, name) in new[]
        {
            (X509KeyUsageFlags.DigitalSignature, "digitalSignature"),
            (X509KeyUsageFlags.NonRepudiation, "nonRepudiation"),
            (X509KeyUsageFlags.KeyEncipherment, "keyEncipherment"),
            (X509KeyUsageFlags.DataEncipherment, "dataEncipherment"),
            (X509KeyUsageFlags.KeyAgreement, "keyAgreement"),
            (X509KeyUsageFlags.KeyCertSign, "keyCertSign"),
            (X509KeyUsageFlags.CrlSign, "cRLSign"),
            (X509KeyUsageFlags.EncipherOnly, "encipherOnly"),
            (X509KeyUsageFlags.DecipherOnly, "decipherOnly"),
        })
        {
            if (flags.HasFlag(flag))
            {
                yield return name;
            }
        }
    }
}
