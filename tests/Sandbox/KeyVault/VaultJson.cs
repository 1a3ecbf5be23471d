namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Writes certificates the way one request's api-version and vault ask for.</summary>
/// <param name="showsEmptyTags">Whether empty tags are <c>{}</c>, as in answers of api-version 7.3; later ones leave them out.</param>
internal sealed class VaultJson(Vault vault, bool showsEmptyTags)
{
    private string Base => $"https://{vault.Host}";

    /// <param name="policy">Whether the policy is shown; the answer to a PATCH leaves it out.</param>
    public JsonObject Bundle(StoredCertificate certificate, StoredVersion version, bool policy = true)
    {
        var path = $"{certificate.Name}/{version.Id}";
        var bundle = new JsonObject
        {
            ["id"] = $"{Base}/certificates/{path}",
            ["kid"] = $"{Base}/keys/{path}",
            ["sid"] = $"{Base}/secrets/{path}",
            ["x5t"] = Thumbprint(version),
            ["cer"] = Convert.ToBase64String(version.Certificate.RawData),
            ["attributes"] = Attributes(version, recovery: true),
        };
        AddTags(bundle, version);
        if (policy)
        {
            bundle["policy"] = Policy(certificate);
        }

        return bundle;
    }

    public JsonObject DeletedBundle(StoredCertificate certificate) => AddDeletion(certificate, Bundle(certificate, certificate.Latest));

    /// <summary>An entry of a list; the subject is always empty there.</summary>
    public JsonObject Item(StoredCertificate certificate, StoredVersion version, bool withVersion = false)
    {
        var item = new JsonObject
        {
            ["id"] = $"{Base}/certificates/{certificate.Name}{(withVersion ? $"/{version.Id}" : "")}",
            ["x5t"] = Thumbprint(version),
            ["attributes"] = Attributes(version, recovery: false),
        };
        AddTags(item, version);
        item["subject"] = "";
        return item;
    }

    public JsonObject DeletedItem(StoredCertificate certificate) => AddDeletion(certificate, Item(certificate, certificate.Latest));

    /// <summary>What the name says, and what the latest certificate shows: of its X.509 properties the subject alone.</summary>
    public JsonObject Policy(StoredCertificate certificate)
    {
        var (policy, leaf) = (certificate.Policy, certificate.Latest.Certificate);
        using var rsa = leaf.GetRSAPublicKey();
        using var ec = leaf.GetECDsaPublicKey();
        var curve = KeyCurve.NameOf(ec) is { } name ? $",\"crv\":\"{name}\"" : "";
        var actions = policy.EffectiveActions.Select(static one => $$"""{"trigger":{"lifetime_percentage":{{one.LifetimePercentage}}},"action":{"action_type":"{{one.Action}}"} }""");
        return (JsonObject)JsonNode.Parse($$"""
            {"id":"{{Base}}/certificates/{{certificate.Name}}/policy",
             "key_props":{"exportable":{{(policy.Exportable ? "true" : "false")}},"kty":"{{(rsa is null ? "EC" : "RSA")}}","key_size":{{rsa?.KeySize ?? ec?.KeySize}},"reuse_key":false{{curve}}},
             "secret_props":{"contentType":"{{policy.ContentType}}"},"x509_props":{"subject":{{JsonSerializer.Serialize(leaf.Subject)}}},
             "lifetime_actions":[{{string.Join(',', actions)}}],"issuer":{"name":{{JsonSerializer.Serialize(policy.Issuer)}}},
             "attributes":{"enabled":true,"created":{{certificate.Versions[0].Created.ToUnixTimeSeconds()}},"updated":{{certificate.PolicyUpdated.ToUnixTimeSeconds()}}} }
            """)!;
    }

    private JsonObject AddDeletion(StoredCertificate certificate, JsonObject answer)
    {
        answer.Insert(0, "recoveryId", $"{Base}/deletedcertificates/{certificate.Name}");
        answer.Insert(1, "deletedDate", certificate.DeletedAt!.Value.ToUnixTimeSeconds());
        answer.Insert(2, "scheduledPurgeDate", certificate.ScheduledPurge!.Value.ToUnixTimeSeconds());
        return answer;
    }

    private static string Thumbprint(StoredVersion version) => Base64Url.EncodeToString(version.Certificate.GetCertHash());

    private JsonObject Attributes(StoredVersion version, bool recovery)
    {
        var attributes = new JsonObject
        {
            ["enabled"] = version.Enabled,
            ["nbf"] = Seconds(version.Certificate.NotBefore),
            ["exp"] = Seconds(version.Certificate.NotAfter),
            ["created"] = version.Created.ToUnixTimeSeconds(),
            ["updated"] = version.Updated.ToUnixTimeSeconds(),
        };
        if (recovery)
        {
            attributes["recoveryLevel"] = vault.Options.RecoveryLevel;
            attributes["recoverableDays"] = vault.Options.RecoverableDays;
        }

        return attributes;
    }

    private void AddTags(JsonObject answer, StoredVersion version)
    {
        if (version.Tags.Count > 0 || showsEmptyTags)
        {
            answer["tags"] = new JsonObject(version.Tags.Select(static tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
        }
    }

    private static long Seconds(DateTime local) => new DateTimeOffset(local).ToUnixTimeSeconds();
}
