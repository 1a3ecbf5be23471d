namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>The body of an import, and Key Vault's requirements for it.</summary>
internal sealed record ImportRequest(string Value, string Password, StoredPolicy Policy, bool Enabled, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>A secret's value may have 25 KB, and a certificate's is kept as one.</summary>
    private const int MaximumValueLength = 25 * 1024;

    private const int MaximumTags = 15;
    private const int MaximumTagLength = 256;
    private const int MaximumSubjectLength = 200;

    public static ImportRequest Read(JsonObject body) => new(
        body["value"]?.GetValue<string>() ?? throw VaultErrors.InvalidProperty("value"),
        body["pwd"]?.GetValue<string>() ?? "",
        ReadPolicy(body["policy"]),
        body["attributes"]?["enabled"]?.GetValue<bool>() ?? true,
        ReadTags(body["tags"]) ?? new Dictionary<string, string>());

    /// <returns>The tags, or null if the request has none.</returns>
    public static IReadOnlyDictionary<string, string>? ReadTags(JsonNode? node)
    {
        var tags = (node as JsonObject)?.ToDictionary(static tag => tag.Key, static tag => tag.Value!.GetValue<string>(), StringComparer.Ordinal);
        if (tags?.Count > MaximumTags)
        {
            throw VaultErrors.InvalidProperty("tags", $"At most {MaximumTags} tags are allowed.");
        }

        return tags?.Any(static tag => tag.Key.Length is 0 or > MaximumTagLength || tag.Value.Length > MaximumTagLength) == true
            ? throw VaultErrors.InvalidProperty("tags", $"Names and values of tags have at most {MaximumTagLength} characters.")
            : tags;
    }

    public CertificateContent Open(DateTimeOffset now)
    {
        if (Value.Length > MaximumValueLength)
        {
            throw VaultErrors.TooLong();
        }

        var content = Policy.ContentType switch
        {
            StoredPolicy.Pem => CertificateContent.ReadPem(Value),
            StoredPolicy.Pfx when Value.StartsWith("-----BEGIN", StringComparison.Ordinal) => throw VaultErrors.NoPrivateKey(),
            StoredPolicy.Pfx when Base64.IsValid(Value) => CertificateContent.ReadPfx(Convert.FromBase64String(Value), Password),
            StoredPolicy.Pfx => throw VaultErrors.UnreadablePfx(),
            _ => throw VaultErrors.InvalidProperty("policy.secret_props.contentType"),
        };
        CheckKey(content.Leaf);
        if (content.Leaf.Subject.Length > MaximumSubjectLength)
        {
            throw VaultErrors.UnsupportedProperties();
        }

        return content.Leaf.NotAfter.ToUniversalTime() < now.UtcDateTime ? throw VaultErrors.Expired() : content;
    }

    private static StoredPolicy ReadPolicy(JsonNode? node) => node switch
    {
        null => new StoredPolicy(),
        JsonObject policy when policy["secret_props"]?["contentType"] is JsonValue => new StoredPolicy().With(policy),
        _ => throw VaultErrors.InvalidPolicy(),
    };

    private static void CheckKey(X509Certificate2 leaf)
    {
        using var rsa = leaf.GetRSAPublicKey();
        if (rsa is not null)
        {
            // An RSA leaf signed by an EC authority is misread by the real service, which then requires an EC key's size.
            if (leaf.SignatureAlgorithm.Value?.StartsWith("1.2.840.10045.", StringComparison.Ordinal) == true)
            {
                throw VaultErrors.KeySize(rsa.KeySize, "256, 384, 521");
            }

            if (rsa.KeySize is not (2048 or 3072 or 4096))
            {
                throw VaultErrors.KeySize(rsa.KeySize, "2048, 3072, 4096");
            }

            return;
        }

        using var ec = leaf.GetECDsaPublicKey();
        if (KeyCurve.NameOf(ec) is null)
        {
            throw VaultErrors.UnsupportedProperties();
        }

        var usages = leaf.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages ?? X509KeyUsageFlags.None;
        if (usages.HasFlag(X509KeyUsageFlags.KeyEncipherment))
        {
            throw VaultErrors.WrapKey();
        }
    }
}
