using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>Looks at a bearer token without trusting it.</summary>
internal static class TokenText
{
    /// <summary>Whether the text can stand in an Authorization header: visible ASCII and nothing else.</summary>
    public static bool IsSendable(string token) => token.Length > 0 && token.All(static c => c is > ' ' and <= '~');

    /// <summary>The <c>sub</c> claim of a JWT, unverified, for messages; null when the token is no JWT.</summary>
    public static string? Subject(string? token)
    {
        if (token?.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(Base64Url.DecodeFromChars(payload));
            using var claims = JsonDocument.ParseValue(ref reader);
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty("sub", out var subject)
                && subject.ValueKind == JsonValueKind.String
                    ? Printable.Of(subject.GetString(), 300)
                    : null;
        }
        catch (Exception fault) when (fault is FormatException or JsonException or DecoderFallbackException or InvalidOperationException)
        {
            return null;
        }
    }
}
