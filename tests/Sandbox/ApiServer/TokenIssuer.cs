namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Signs ServiceAccount tokens with the claims of kube-apiserver, and validates its own.</summary>
public sealed class TokenIssuer(IssuerEndpoint issuer, ServiceAccountKeys keys, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Issued> _issued = new(StringComparer.Ordinal);

    /// <summary>The audiences of tokens for the API server.</summary>
    public IReadOnlyCollection<string> Audiences => [issuer.Issuer];

    /// <summary>Writes a JSON Web Token (RFC 7519) in its compact form.</summary>
    /// <param name="sign">Makes the signature that the header names.</param>
    public static string Sign(string header, string claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    /// <param name="lifetime">From now to <c>exp</c>; negative makes an expired token.</param>
    public string Issue(StoredObject account, IReadOnlyCollection<string> audiences, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var expires = now + (long)lifetime.TotalSeconds;
        var starts = Math.Min(now, expires);
        var key = keys.Signing;
        var token = Sign(
            $$"""{"alg":"{{key.Algorithm}}","kid":"{{key.KeyId}}"}""",
            $$"""
            {"aud":{{JsonText.Array(audiences).ToJsonString()}},"exp":{{expires}},"iat":{{starts}},"iss":{{JsonSerializer.Serialize(issuer.Issuer)}},"jti":"{{Guid.NewGuid()}}",
             "kubernetes.io":{"namespace":"{{account.Namespace}}","serviceaccount":{"name":"{{account.Name}}","uid":"{{account.Uid}}"} },
             "nbf":{{starts}},"sub":"system:serviceaccount:{{account.Namespace}}:{{account.Name}}"}
            """,
            key.Sign);
        KnownSecrets.AddToken(token);
        _issued[token] = new Issued(account, key, audiences, issuer.Issuer, expires);
        return token;
    }

    /// <summary>Whose token it is, if it is valid: its key is published, its issuer is the server's, it has one of the audiences and has not expired. Null otherwise.</summary>
    public StoredObject? Verify(string token, IReadOnlyCollection<string> audiences) =>
        _issued.GetValueOrDefault(token) is { } known && keys.Published.Contains(known.Key) && known.Issuer == issuer.Issuer
        && known.Audiences.Intersect(audiences).Any() && known.Expires > clock.GetUtcNow().ToUnixTimeSeconds()
            ? known.Account
            : null;

    private sealed record Issued(StoredObject Account, SigningKey Key, IReadOnlyCollection<string> Audiences, string Issuer, long Expires);
}
