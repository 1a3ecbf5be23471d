namespace ClusterTrust.Sandbox.Entra;

/// <summary>Issues access tokens and knows its own again: nobody but Key Vault reads them, so that they have the form of a signed token alone.</summary>
internal sealed class AccessTokens(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, AccessToken> _issued = new(StringComparer.Ordinal);

    public string Issue(AppRegistration application, string audience, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var token = JsonWebToken.Sign(
            new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = "sandbox" },
            new JsonObject
            {
                ["aud"] = audience,
                ["iss"] = $"https://sts.windows.net/{application.TenantId}/",
                ["iat"] = now,
                ["nbf"] = now,
                ["exp"] = now + (long)lifetime.TotalSeconds,
                ["appid"] = application.ClientId,
                ["oid"] = application.ObjectId,
                ["sub"] = application.ObjectId,
                ["tid"] = application.TenantId,
                ["ver"] = "1.0",
            },
            static _ => RandomNumberGenerator.GetBytes(256));
        KnownSecrets.AddToken(token);
        _issued[token] = new AccessToken(application.TenantId, application.ClientId, application.ObjectId, audience, clock.GetUtcNow() + lifetime);
        return token;
    }

    public AccessToken? Validate(string token) => _issued.GetValueOrDefault(token) is { } known && known.ExpiresAt > clock.GetUtcNow() ? known : null;
}

/// <summary>A valid access token's content.</summary>
public sealed record AccessToken(string TenantId, string ClientId, string ObjectId, string Audience, DateTimeOffset ExpiresAt)
{
    /// <summary><c>iss</c> as in the tokens of the v1 endpoint, which Key Vault gets.</summary>
    public string Issuer => $"https://sts.windows.net/{TenantId}/";
}
