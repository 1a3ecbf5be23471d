using System.Text.Json;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules for a key set (RFC 7517 §5) that may be published.</summary>
internal static class KeySetRules
{
    private const int ManyKeys = 100;
    private const int MaxKidLength = 1024;

    // RFC 7518 §6.2.2, §6.3.2 and §6.4: what only the owner of a key may know.
    private static readonly HashSet<string> PrivateMembers = new(StringComparer.OrdinalIgnoreCase) { "d", "p", "q", "dp", "dq", "qi", "k", "oth" };

    /// <summary>Reads a key set; null after a refusal.</summary>
    public static JsonWebKeySet? Read(JsonElement root, string source, FindingsCollector findings)
    {
        if (PrivateMemberIn(root) is { } name)
        {
            findings.Refuse($"The key set at {source} holds private key material (a member '{name}'), and nothing of it was kept: "
                + "find out what serves it, and replace that key wherever it is used.");
            return null;
        }

        if (!root.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            findings.Refuse($"The key set at {source} has no list 'keys'; its members are: "
                + $"{Shown.Of(string.Join(", ", root.EnumerateObject().Select(m => m.Name)))}.");
            return null;
        }

        if (list.GetArrayLength() == 0)
        {
            findings.Refuse($"The key set at {source} is empty; publishing it would end every trust in this issuer.");
            return null;
        }

        var before = findings.Refusals.Count;
        var keys = new Dictionary<string, JsonWebKey>(StringComparer.Ordinal);
        foreach (var (position, jwk) in list.EnumerateArray().Index())
        {
            var (key, fault) = ReadKey(jwk);
            if (key is null)
            {
                findings.Refuse($"Key {position + 1} of the key set at {source} {fault}.");
            }
            else if (!keys.TryAdd(key.Kid, key))
            {
                findings.Refuse($"The key set at {source} has the kid '{Shown.Of(key.Kid)}' more than once.");
            }
        }

        if (findings.Refusals.Count > before)
        {
            return null;
        }

        var keySet = new JsonWebKeySet(keys.Values);
        Warn(keySet, source, findings);
        return keySet;
    }

    private static (JsonWebKey? Key, string? Fault) ReadKey(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object)
        {
            return (null, "is not a JSON object");
        }

        var kid = Text(jwk, "kid");
        if (kid.Length is 0 or > MaxKidLength || kid.Any(c => c is <= ' ' or > '~'))
        {
            return (null, $"has no kid of 1 to {MaxKidLength} printable ASCII characters without spaces");
        }

        var (key, fault) = (Text(jwk, "use"), Text(jwk, "kty")) switch
        {
            (_, "oct") => (null, "is symmetric (kty 'oct'), a secret that must not be served at all"),
            (not "sig", _) => (null, $"has the use '{Shown.Of(Text(jwk, "use"))}' and not 'sig'"),
            (_, "RSA") => KeyMaterialRules.Rsa(kid, Text(jwk, "alg"), jwk),
            (_, "EC") => KeyMaterialRules.Ec(kid, Text(jwk, "alg"), jwk),
            var (_, kty) => (null, $"has the kty '{Shown.Of(kty)}'; RSA and EC are taken"),
        };
        return (key, fault is null ? null : $"(kid '{Shown.Of(kid)}') {fault}");
    }

    private static string Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>The first private member at any depth; a key that was wrapped in another object is no less private.</summary>
    private static string? PrivateMemberIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject()
            .Select(member => PrivateMembers.Contains(member.Name) ? member.Name : PrivateMemberIn(member.Value))
            .FirstOrDefault(found => found is not null),
        JsonValueKind.Array => element.EnumerateArray().Select(PrivateMemberIn).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static void Warn(JsonWebKeySet keys, string source, FindingsCollector findings)
    {
        foreach (var key in keys.Keys.Where(k => k.Alg != "RS256"))
        {
            findings.Warn($"Key '{Shown.Of(key.Kid)}' at {source} signs with {key.Alg}; Entra ID and AWS take RS256 only.");
        }

        foreach (var key in keys.Keys.Where(k => k.Kid != k.KubernetesKeyId))
        {
            findings.Warn($"The kid '{Shown.Of(key.Kid)}' at {source} is not the SHA-256 of its public key, as kube-apiserver derives it; another signer made it.");
        }

        if (keys.Keys.Count > ManyKeys)
        {
            findings.Warn($"The key set at {source} has {keys.Keys.Count} keys; some clouds read only the first {ManyKeys}.");
        }
    }
}
