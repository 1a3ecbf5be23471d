using ClusterTrust.Text;

namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>Looks at a bearer token without trusting it.</summary>
internal static class TokenText
{
    /// <summary>Whether the text can stand in an Authorization header: visible ASCII and nothing else.</summary>
    public static bool IsSendable(string token) => token.Length > 0 && token.All(static c => c is > ' ' and <= '~');

    /// <summary>The <c>sub</c> claim of a JWT, unverified, for messages; null when the token is no JWT or has none.</summary>
    public static string? Subject(string? token) =>
        JsonWebToken.TryParse(token, out var parsed) && parsed.Subject is { } subject ? Sanitizer.Sanitize(subject, 300) : null;
}
