using System.Text.Json.Nodes;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// Writes what is published: members in one order, keys by kid, lists sorted, two spaces of indent, line feeds, one at the end.
/// Equal documents have equal bytes, so a commit shows only what changed.
/// </summary>
internal static class CanonicalJson
{
    public static byte[] Write(DiscoveryDocument document) => Write(new JsonObject
    {
        ["issuer"] = document.Issuer,
        ["jwks_uri"] = document.JwksUri,
        ["response_types_supported"] = Set(document.ResponseTypes),
        ["subject_types_supported"] = Set(document.SubjectTypes),
        ["id_token_signing_alg_values_supported"] = Set(document.SigningAlgorithms),
    });

    public static byte[] Write(JsonWebKeySet keySet) => Write(new JsonObject { ["keys"] = new JsonArray([.. keySet.Keys.Select(ObjectOf)]) });

    private static byte[] Write(JsonObject content) => Encoding.UTF8.GetBytes(Json.Document(content));

    /// <summary>The texts sorted, each once.</summary>
    internal static JsonArray Set(IEnumerable<string> texts) => new([.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    private static JsonObject ObjectOf(JsonWebKey key)
    {
        var members = new JsonObject { ["kid"] = key.Kid, ["use"] = "sig" };
        if (key.Alg.Length > 0)
        {
            members["alg"] = key.Alg;
        }

        members["kty"] = key.Kty;
        foreach (var (name, value) in key.Members)
        {
            members[name] = value;
        }

        return members;
    }
}
