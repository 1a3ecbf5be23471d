namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// Finds private key material in a JWK set, whatever the type of the key. Private members of an unknown type cannot be recognized with
/// certainty, so every name that is private in any registered type counts (RFC 7518 §6, RFC 8037, the AKP type of ML-DSA), and every name
/// that contains one of <see cref="Words"/>, and every value that contains a private key in PEM format.
/// </summary>
internal static class PrivateMembers
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv", "sk", "scalar",
    };

    private static readonly string[] Words = ["priv", "secret", "seed", "passphrase", "password"];

    /// <summary>The name of the first private member at any depth, or null. A key may be nested in another object.</summary>
    public static string? Find(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject()
            .Select(static member => IsPrivate(member.Name, member.Value) ? member.Name : Find(member.Value))
            .FirstOrDefault(static found => found is not null),
        JsonValueKind.Array => element.EnumerateArray().Select(Find).FirstOrDefault(static found => found is not null),
        _ => null,
    };

    private static bool IsPrivate(string name, JsonElement value) =>
        Names.Contains(name) || Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))
        || (value.ValueKind == JsonValueKind.String && value.GetString()!.Contains("PRIVATE KEY", StringComparison.Ordinal));
}
