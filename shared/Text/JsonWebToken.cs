using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace ClusterTrust.Text;

/// <summary>
/// A JSON Web Token in JWS compact serialization (RFC 7519; RFC 7515 §3.1), parsed and not verified. It is a credential: only the
/// members below may be shown, and those through <see cref="Sanitizer"/>.
/// </summary>
public sealed class JsonWebToken
{
    /// <summary>The maximum length of a token in characters; ServiceAccount tokens have about 1,000.</summary>
    public const int MaxLength = 64 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private JsonWebToken()
    {
    }

    /// <summary>The header's <c>alg</c>.</summary>
    public required string Alg { get; init; }

    /// <summary>The header's <c>kid</c>; null when it has none.</summary>
    public string? Kid { get; private init; }

    /// <summary>The claim <c>iss</c>; null when it is absent.</summary>
    public string? Issuer { get; private init; }

    /// <summary>The claim <c>sub</c>, such as <c>system:serviceaccount:NAMESPACE:NAME</c>; null when it is absent.</summary>
    public string? Subject { get; private init; }

    /// <summary>The claim <c>aud</c>; a single string is a list of one.</summary>
    public IReadOnlyList<string> Audiences { get; private init; } = [];

    /// <summary>The claim <c>exp</c>, UTC; null for a token that never expires, as legacy Secrets contain.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>The claim <c>nbf</c>, UTC; null when it is absent.</summary>
    public DateTimeOffset? NotBefore { get; private init; }

    /// <summary>The bytes that the signature covers: the encoded header and claims with the dot between them.</summary>
    public required ReadOnlyMemory<byte> SignedPart { get; init; }

    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <param name="compact">The token; white space around it, such as a file's last line feed, is ignored.</param>
    /// <returns>
    /// False for anything that two readers could understand differently: padding, white space or stray bits in the base64url, a member twice,
    /// invalid UTF-8; and for what is no such token: an opaque token, an encrypted one, one longer than <see cref="MaxLength"/>.
    /// </returns>
    public static bool TryParse(string? compact, [NotNullWhen(true)] out JsonWebToken? token)
    {
        token = null;
        if (compact is not { Length: <= MaxLength }
            || compact.Trim().Split('.') is not [var encodedHeader, var encodedClaims, var encodedSignature]
            || !TryDecode(encodedHeader, out var header)
            || !TryDecode(encodedClaims, out var claims)
            || !TryDecode(encodedSignature, out var signature))
        {
            return false;
        }

        try
        {
            token = Read(header, claims, Encoding.ASCII.GetBytes($"{encodedHeader}.{encodedClaims}"), signature);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // No JSON, a member twice, or a string that is not valid Unicode.
        }

        return token is not null;
    }

    /// <summary>Decodes base64url as JOSE defines it (RFC 7515 §2): no padding, no white space, no stray bits; one value has one spelling.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
        bytes = bytes is not null && Base64Url.EncodeToString(bytes) == text ? bytes : null;
        return bytes is not null;
    }

    private static JsonWebToken? Read(byte[] header, byte[] claims, byte[] signedPart, byte[] signature)
    {
        using var headerDocument = JsonDocument.Parse(header, Strict);
        using var claimsDocument = JsonDocument.Parse(claims, Strict);
        var (head, body) = (headerDocument.RootElement, claimsDocument.RootElement);
        return head.ValueKind == JsonValueKind.Object && body.ValueKind == JsonValueKind.Object && StringOf(head, "alg") is { } algorithm
            ? new JsonWebToken
            {
                Alg = algorithm,
                Kid = StringOf(head, "kid"),
                Issuer = StringOf(body, "iss"),
                Subject = StringOf(body, "sub"),
                Audiences = AudiencesOf(body),
                ExpiresAt = TimeOf(body, "exp"),
                NotBefore = TimeOf(body, "nbf"),
                SignedPart = signedPart,
                Signature = signature,
            }
            : null;
    }

    private static string? StringOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[] AudiencesOf(JsonElement claims) => claims.TryGetProperty("aud", out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => [.. value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString()!)],
            _ => [],
        }
        : [];

    private static DateTimeOffset? TimeOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds)
            && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}
