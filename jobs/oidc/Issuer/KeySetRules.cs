namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules for a key set (RFC 7517 §5).</summary>
internal static class KeySetRules
{
    private const int CloudKeyLimit = 100;

    /// <summary>Reads a key set that may be published; null after a refusal. One invalid entry refuses the set.</summary>
    public static JsonWebKeySet? Read(JsonElement root, string source, IssuerFindings findings)
    {
        if (ReadEntries(root, source, findings) is not { } entries)
        {
            return null;
        }

        if (entries.Faults.Count > 0)
        {
            findings.Refuse(string.Join(" ", entries.Faults.Take(KeySetEntries.MaximumNamed))
                + (entries.Faults.Count > KeySetEntries.MaximumNamed ? $" {entries.Faults.Count - KeySetEntries.MaximumNamed} more entries are invalid." : ""));
            return null;
        }

        if (!entries.Keys.Keys.Any(static key => key.IsKnownType))
        {
            findings.Refuse($"The key set at {source} has no key of a type that clouds accept (RSA or EC).");
            return null;
        }

        findings.Notices.AddRange(entries.Surplus.Select(entry => entry.Members.Length > 0
            ? $"Key '{Sanitizer.Sanitize(entry.Kid)}' of the key set at {source} has members that are not published, because Google Cloud refuses a set with them: {Sanitizer.Sanitize(entry.Members)}."
            // kube-apiserver serves a key once for each --service-account-key-file that contains it.
            : $"The key set at {source} has the key '{Sanitizer.Sanitize(entry.Kid)}' more than once; it is published once."));
        findings.Warnings.AddRange(WarningsOf(entries.Keys, source));
        return entries.Keys;
    }

    /// <summary>Reads a key set that others may have written. Null, after a refusal, if the set as a whole is invalid.</summary>
    public static KeySetEntries? ReadEntries(JsonElement root, string source, IssuerFindings findings)
    {
        if (PrivateMembers.Find(root) is { } name)
        {
            findings.Refuse($"The key set at {source} contains private key material (a member '{Sanitizer.Sanitize(name)}'), and nothing of it was kept: "
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
        var faults = new List<string>();
        var incomplete = new List<JsonWebKey>();
        var surplus = new List<SurplusEntry>();
        foreach (var (position, jwk) in list.EnumerateArray().Index())
        {
            var (key, fault) = KeyRules.Read(jwk);
            if (fault is not null)
            {
                faults.Add($"Key {position + 1} of the key set at {source} {fault}.");
                incomplete.AddRange(key is null ? [] : [key]);
            }
            else if (keys.TryAdd(key!.Kid, key))
            {
                if (KeyRules.OtherMembersOf(jwk, key) is { Length: > 0 } others)
                {
                    surplus.Add(new SurplusEntry(key.Kid, others));
                }
            }
            else if (keys[key.Kid] == key)
            {
                surplus.Add(new SurplusEntry(key.Kid, ""));
            }
            else
            {
                findings.Refuse($"The key set at {source} has different keys under the kid '{Sanitizer.Sanitize(key.Kid)}', so tokens that name it cannot be verified reliably: "
                    + "give each key a kid of its own.");
                return null;
            }
        }

        return new KeySetEntries(new JsonWebKeySet(keys.Values), faults, incomplete, surplus);
    }

    /// <summary>What works but may surprise someone, one sentence each; of the keys, at most five.</summary>
    public static IEnumerable<string> WarningsOf(JsonWebKeySet keys, string source)
    {
        if (keys.Keys.Count > CloudKeyLimit)
        {
            yield return $"The key set at {source} has {keys.Keys.Count} keys; Entra ID reads only the first {CloudKeyLimit}, and AWS refuses every token of a key type with more than {CloudKeyLimit}.";
        }

        // Those of an unknown type first: for them a cloud may refuse the whole set.
        var warnings = keys.Keys.OrderBy(static key => key.IsKnownType).SelectMany(key => WarningsOf(key, source)).ToArray();
        foreach (var warning in warnings.Take(KeySetEntries.MaximumNamed))
        {
            yield return warning;
        }

        if (warnings.Length - KeySetEntries.MaximumNamed is > 0 and var more)
        {
            yield return $"There {(more == 1 ? "is 1 more such warning" : $"are {more} more such warnings")} about keys at {source}.";
        }
    }

    private static IEnumerable<string> WarningsOf(JsonWebKey key, string source)
    {
        var name = $"'{Sanitizer.Sanitize(key.Kid)}' at {source}";
        if (!key.IsKnownType)
        {
            yield return $"Key {name} has the kty '{Sanitizer.Sanitize(key.Kty)}' (alg '{Sanitizer.Sanitize(key.Alg)}'), which this job cannot check; its public members are published, and a cloud may refuse it or the whole set.";
        }
        else if (key.Alg != "RS256")
        {
            yield return $"Key {name} signs with {key.Alg}; {RefusedBy(key.Alg)}.";
        }

        if (key.KubernetesKeyId is { } derived && key.Kid != derived)
        {
            yield return $"The kid {name} is not the SHA-256 of its public key, as kube-apiserver derives it; another signer made it.";
        }
    }

    /// <summary>Entra ID documents RS256, Google Cloud RS256 and ES256, AWS IAM the RS and ES algorithms.</summary>
    private static string RefusedBy(string alg) => alg switch
    {
        "ES256" => "Entra ID accepts only RS256",
        ['P', 'S', ..] => "Entra ID accepts only RS256, Google Cloud only RS256 and ES256, and AWS no PS algorithm",
        _ => "Entra ID accepts only RS256, and Google Cloud only RS256 and ES256",
    };
}

/// <summary>The entries of a key set.</summary>
/// <param name="Keys">The valid ones.</param>
/// <param name="Faults">A sentence for each invalid one.</param>
/// <param name="Incomplete">The keys that are invalid only because they have no kid, alg or use.</param>
/// <param name="Surplus">What the set has besides its keys, in its order.</param>
internal sealed record KeySetEntries(JsonWebKeySet Keys, IReadOnlyList<string> Faults, IReadOnlyList<JsonWebKey> Incomplete, IReadOnlyList<SurplusEntry> Surplus)
{
    /// <summary>How many invalid entries a message names.</summary>
    public const int MaximumNamed = 5;

    /// <summary>Whether the set has only what is published.</summary>
    public bool IsAsPublished => Faults.Count == 0 && Surplus.Count == 0;
}

/// <summary>A valid entry that is never published as it is.</summary>
/// <param name="Members">The names of its members that are no part of a key; empty for a key that the set has already.</param>
internal sealed record SurplusEntry(string Kid, string Members);
