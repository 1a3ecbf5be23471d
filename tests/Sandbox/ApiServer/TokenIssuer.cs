namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Signs and verifies ServiceAccount tokens with the claims kube-apiserver gives them.</summary>
public sealed class TokenIssuer(IssuerEndpoint issuer, ServiceAccountKeys keys, TimeProvider clock)
{
    /// <summary>The audiences of tokens for the API server.</summary>
    public IReadOnlyCollection<string> Audiences => [issuer.Issuer];

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
        var token = JsonWebToken.Sign(header, claims, key.Sign);
        KnownSecrets.AddToken(token);
        return token;
    }

    /// <summary>The claims of a token that verifies: signature, issuer, times and one of the audiences; null otherwise.</summary>
    public JsonObject? Verify(string token, IReadOnlyCollection<string> audiences)
    {
        var parsed = JsonWebToken.Parse(token);
        var key = keys.Published.FirstOrDefault(key => key.KeyId == parsed?.KeyId && key.Algorithm.ToString() == parsed.Algorithm);
        var now = clock.GetUtcNow();
        return key is not null
            && key.Verify(parsed!.SigningInput, parsed.Signature)
            && parsed.Issuer == issuer.Issuer
            && parsed.ExpiresAt > now
            && parsed.NotBefore <= now
            && parsed.Audiences.Intersect(audiences).Any()
            ? parsed.Claims
            : null;
    }
}
