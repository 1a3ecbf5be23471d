using System.Text.Json;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules for a key set (RFC 7517 §5).</summary>
internal static class KeySetRules
{
    private const int ManyKeys = 100;
    private const int MaxKidLength = 1024;

    /// <summary>Reads a key set that may be published; null after a refusal. One invalid entry refuses the set.</summary>
    public static JsonWebKeySet? Read(JsonElement root, string source, IssuerFindings findings)
    {
        var before = findings.Refusals.Count;
        var keySet = ReadEntries(root, source, findings, findings.Refuse);
        if (keySet is null || findings.Refusals.Count > before)
        {
            return null;
        }

        if (keySet.Keys.All(static key => key is OtherWebKey))
        {
            findings.Refuse($"The key set at {source} has no key of a type that clouds accept (RSA or EC).");
            return null;
        }

        Warn(keySet, source, findings);
        return keySet;
    }

    /// <summary>
    /// Reads a key set that others may have written: invalid entries are named in <paramref name="faults"/> and
    /// left out. Null, after a refusal, if the set as a whole is invalid.
    /// </summary>
    /// <param name="source">Where it was read, for messages.</param>
    /// <param name="findings">Receives refusals and notices.</param>
    /// <param name="faults">Receives a sentence for each entry that is left out.</param>
    /// <param name="withoutKid">Receives the keys that are left out only because they have no kid.</param>
    public static JsonWebKeySet? ReadPublished(
        JsonElement root, string source, IssuerFindings findings, ICollection<string> faults, ICollection<JsonWebKey>? withoutKid = null) =>
        ReadEntries(root, source, findings, faults.Add, withoutKid);

    /// <summary>Adds warnings about what works but may surprise someone.</summary>
    public static void Warn(JsonWebKeySet keys, string source, IssuerFindings findings)
    {
        foreach (var key in keys.Keys.OfType<OtherWebKey>())
        {
            findings.Warnings.Add($"Key '{Sanitizer.Sanitize(key.Kid)}' at {source} has the kty '{Sanitizer.Sanitize(key.Kty)}' (alg '{Sanitizer.Sanitize(key.Alg)}'), which this job cannot check; it is published unchanged, and clouds may not accept it.");
        }

        foreach (var key in keys.Keys.Where(key => key is not OtherWebKey && key.Alg != "RS256"))
        {
            findings.Warnings.Add($"Key '{Sanitizer.Sanitize(key.Kid)}' at {source} signs with {key.Alg}; Entra ID and AWS accept only RS256.");
        }

        foreach (var key in keys.Keys.Where(key => key.KubernetesKeyId is { } derived && key.Kid != derived))
        {
            findings.Warnings.Add($"The kid '{Sanitizer.Sanitize(key.Kid)}' at {source} is not the SHA-256 of its public key, as kube-apiserver derives it; another signer made it.");
        }

        if (keys.Keys.Count > ManyKeys)
        {
            findings.Warnings.Add($"The key set at {source} has {keys.Keys.Count} keys; some clouds read only the first {ManyKeys}.");
        }
    }

    private static JsonWebKeySet? ReadEntries(JsonElement root, string source, IssuerFindings findings, Action<string> fault, ICollection<JsonWebKey>? withoutKid = null)
    {
        if (PrivateMembers.Find(root) is { } name)
        {
            findings.Refuse($"The key set at {source} holds private key material (a member '{Sanitizer.Sanitize(name)}'), and nothing of it was kept: "
                + "find out what serves it, and replace that key wherever it is used.");
            return null;
        }

        if (!root.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            findings.Refuse($"The key set at {source} has no array 'keys'; {StrictJson.MembersOf(root)}.");
            return null;
        }

        if (list.GetArrayLength() == 0)
        {
            findings.Refuse($"The key set at {source} is empty; publishing it would invalidate every trust in this issuer.");
            return null;
        }

        var keys = new Dictionary<string, JsonWebKey>(StringComparer.Ordinal);
        foreach (var (position, jwk) in list.EnumerateArray().Index())
        {
            var (read, wrong) = ReadKey(jwk);
            if (read is null)
            {
                fault($"Key {position + 1} of the key set at {source} {wrong}.");
                if (withoutKid is not null && jwk.ValueKind == JsonValueKind.Object && Text(jwk, "kid").Length == 0 && ReadMaterial("", jwk).Key is { } key)
                {
                    withoutKid.Add(key);
                }
            }
            else if (keys.TryAdd(read.Kid, read))
            {
                continue;
            }
            else if (keys[read.Kid] == read)
            {
                // kube-apiserver serves a key once for each --service-account-key-file that holds it.
                findings.Notices.Add($"The key set at {source} has the key '{Sanitizer.Sanitize(read.Kid)}' more than once; it is published once.");
            }
            else
            {
                findings.Refuse($"The key set at {source} has different keys under the kid '{Sanitizer.Sanitize(read.Kid)}', so tokens that name it cannot be verified reliably: "
                    + "give each key a kid of its own.");
                return null;
            }
        }

        return new JsonWebKeySet(keys.Values);
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

        var (key, fault) = ReadMaterial(kid, jwk);
        return (key, fault is null ? null : $"(kid '{Sanitizer.Sanitize(kid)}') {fault}");
    }

    private static (JsonWebKey? Key, string? Fault) ReadMaterial(string kid, JsonElement jwk) => (Text(jwk, "use"), Text(jwk, "kty")) switch
    {
        (_, "oct") => (null, "is symmetric (kty 'oct'), a secret that must not be served at all"),
        (not "sig", _) => (null, $"has the use '{Sanitizer.Sanitize(Text(jwk, "use"))}' and not 'sig'"),
        (_, "RSA") => RsaWebKey.Read(kid, Text(jwk, "alg"), jwk),
        (_, "EC") => EcWebKey.Read(kid, Text(jwk, "alg"), jwk),
        var (_, kty) => OtherWebKey.Read(kid, Text(jwk, "alg"), kty, jwk),
    };

    private static string Text(JsonElement jwk, string name) => StrictJson.TextOf(jwk, name) ?? "";
}

/// <summary>
/// Finds private key material in a JWK set, whatever the type of the key. Private members of an unknown type cannot be recognized with
/// certainty, so every name that is private in any registered type counts (RFC 7518 §6, RFC 8037, the AKP type of ML-DSA), and every name
/// that contains one of <see cref="Words"/>.
/// </summary>
internal static class PrivateMembers
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv", "sk", "scalar",
    };

    private static readonly string[] Words = ["priv", "secret", "seed", "passphrase", "password"];

    /// <summary>The name of the first private member at any depth, or null. A key that is wrapped in another object is no less private.</summary>
    public static string? Find(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject()
            .Select(static member => IsPrivate(member.Name) ? member.Name : Find(member.Value))
            .FirstOrDefault(static found => found is not null),
        JsonValueKind.Array => element.EnumerateArray().Select(Find).FirstOrDefault(static found => found is not null),
        _ => null,
    };

    private static bool IsPrivate(string name) =>
        Names.Contains(name) || Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));
}
