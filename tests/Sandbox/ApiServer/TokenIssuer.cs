using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Signs and verifies ServiceAccount tokens with the claims kube-apiserver gives them.</summary>
/// <param name="issuer">Gives the <c>iss</c> claim.</param>
/// <param name="keys">Sign and verify.</param>
/// <param name="clock">Gives the times.</param>
public sealed class TokenIssuer(IssuerEndpoint issuer, ServiceAccountKeys keys, TimeProvider clock)
{
    /// <summary>Signs a token.</summary>
    /// <param name="account">The ServiceAccount it is for.</param>
    /// <param name="audiences">The <c>aud</c> claim.</param>
    /// <param name="lifetime">From now to <c>exp</c>; negative makes an expired token.</param>
    public string Issue(StoredObject account, IReadOnlyCollection<string> audiences, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var expires = now + (long)lifetime.TotalSeconds;
        var starts = Math.Min(now, expires);
        var key = keys.Signing;
        var header = new JsonObject { ["alg"] = key.Algorithm.ToString(), ["kid"] = key.KeyId };
        var claims = new JsonObject
        {
            ["aud"] = JsonText.Array(audiences),
            ["exp"] = expires,
            ["iat"] = starts,
            ["iss"] = issuer.Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = account.Namespace,
                ["serviceaccount"] = new JsonObject { ["name"] = account.Name, ["uid"] = account.Uid },
            },
            ["nbf"] = starts,
            ["sub"] = $"system:serviceaccount:{account.Namespace}:{account.Name}",
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var token = $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
        KnownSecrets.AddToken(token);
        return token;
    }

    /// <summary>The claims of a token that verifies: signature, issuer, times and one of the audiences; null otherwise.</summary>
    public JsonObject? Verify(string token, IReadOnlyCollection<string> audiences)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } claims || !Base64Url.IsValid(parts[2]))
        {
            return null;
        }

        var key = keys.Published.FirstOrDefault(key => key.KeyId == header.Text("kid") && key.Algorithm.ToString() == header.Text("alg"));
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return key is not null
            && key.Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]))
            && claims.Text("iss") == issuer.Issuer
            && (long?)claims["exp"] > now
            && (long?)claims["nbf"] <= now
            && claims.Texts("aud").Intersect(audiences).Any()
            ? claims
            : null;
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(JsonText.Bytes(part));

    private static JsonObject? Decode(string part)
    {
        try
        {
            return Base64Url.IsValid(part) ? JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
