using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// A ServiceAccount token (a JWT in JWS compact serialization, RFC 7519 and RFC 7515 §3.1), taken apart but not yet believed. It is
/// a credential: only the members named here may be shown.
/// </summary>
public sealed class ServiceAccountToken
{
    private readonly byte[] signedPart;
    private readonly byte[] signature;

    private ServiceAccountToken(byte[] signedPart, byte[] signature) => (this.signedPart, this.signature) = (signedPart, signature);

    /// <summary>The header's <c>alg</c>.</summary>
    public required string Alg { get; init; }

    /// <summary>The header's <c>kid</c>, or null when it has none.</summary>
    public string? Kid { get; init; }

    /// <summary>The claim <c>iss</c>, or null.</summary>
    public string? Issuer { get; init; }

    /// <summary>The claim <c>sub</c>, such as <c>system:serviceaccount:NAMESPACE:NAME</c>, or null.</summary>
    public string? Subject { get; init; }

    /// <summary>The claim <c>aud</c>; a single text counts as a list of one.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>The claim <c>exp</c>, UTC; null for a token that never expires, as legacy Secrets hold.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The claim <c>nbf</c>, UTC, or null.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Takes a token apart.</summary>
    /// <param name="compact">The token; white space around it (a file's last line feed) does not count.</param>
    /// <param name="token">The parts.</param>
    /// <returns>False when it is no JWT: a bootstrap token, a token of a cloud's own, an encrypted one.</returns>
    public static bool TryParse(string compact, [NotNullWhen(true)] out ServiceAccountToken? token)
    {
        token = null;
        var parts = compact.Trim().Split('.');
        if (parts.Length != 3
            || !StrictBase64Url.TryDecode(parts[0], out var headerBytes)
            || !StrictBase64Url.TryDecode(parts[1], out var claimBytes)
            || !StrictBase64Url.TryDecode(parts[2], out var signature)
            || !StrictJson.TryParse(headerBytes, out var header, out _))
        {
            return false;
        }

        using (header)
        {
            if (Text(header.RootElement, "alg") is not { } alg || !StrictJson.TryParse(claimBytes, out var claims, out _))
            {
                return false;
            }

            using (claims)
            {
                token = new ServiceAccountToken(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature)
                {
                    Alg = alg,
                    Kid = Text(header.RootElement, "kid"),
                    Issuer = Text(claims.RootElement, "iss"),
                    Subject = Text(claims.RootElement, "sub"),
                    Audiences = AudiencesOf(claims.RootElement),
                    ExpiresAt = Time(claims.RootElement, "exp"),
                    NotBefore = Time(claims.RootElement, "nbf"),
                };
                return true;
            }
        }
    }

    /// <summary>Whether this key signed the token. The key decides the algorithm; a token that names another is not signed by it.</summary>
    public bool IsSignedBy(JsonWebKey key) => key.Alg == Alg && key.Verify(signedPart, signature);

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[] AudiencesOf(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var value))
        {
            return [];
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)],
            _ => [],
        };
    }

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds)
            && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}
