using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Values in messages, at most 100 characters each.</summary>
internal static class Shown
{
    private const int MaxLength = 100;

    public static string Of(string? text) => Sanitizer.Sanitize(text, MaxLength);

    public static string Of(Uri uri) => Sanitizer.Sanitize(uri, MaxLength);
}
