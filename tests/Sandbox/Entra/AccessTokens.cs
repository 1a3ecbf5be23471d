using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Entra;

/// <summary>Signs access tokens and knows its own again.</summary>
internal sealed class AccessTokens(TimeProvider clock) : IDisposable
{
    private readonly RSA _key = RsaKeys.Shared();
    private readonly string _keyId = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(20));

    public string Issue(AppRegistration application, string audience, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var token = JsonWebToken.Sign(
            new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = _keyId },
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
            data => _key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        KnownSecrets.AddToken(token);
        return token;
    }

    public AccessToken? Validate(string text)
    {
        if (JsonWebToken.Parse(text) is not { Algorithm: "RS256" } token || !token.IsSignedBy(_key, RSASignaturePadding.Pkcs1))
        {
            return null;
        }

        return token.ExpiresAt is { } expires && expires > clock.GetUtcNow()
            ? new AccessToken(token.Claim("tid")!, token.Claim("appid")!, token.Claim("oid")!, token.Audiences[0], expires)
            : null;
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>A valid access token's content.</summary>
public sealed record AccessToken(string TenantId, string ClientId, string ObjectId, string Audience, DateTimeOffset ExpiresAt)
{
    /// <summary><c>iss</c> as in the tokens of the v1 endpoint, which Key Vault gets.</summary>
    public string Issuer => $"https://sts.windows.net/{TenantId}/";
}
