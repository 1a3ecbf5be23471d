namespace ClusterTrust.Oidc.Trust;

/// <summary>A ServiceAccount as tokens name it in <c>sub</c>: <c>system:serviceaccount:NAMESPACE:NAME</c>.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The ServiceAccount's name.</param>
public sealed record ServiceAccountSubject(string Namespace, string Name)
{
    private const string Prefix = "system:serviceaccount:";

    /// <summary>The text that clouds compare to the character.</summary>
    public override string ToString() => $"{Prefix}{Namespace}:{Name}";

    /// <summary>Reads a subject.</summary>
    /// <returns>Null when it is not of the form, or its parts are no Kubernetes names (RFC 1123 label and subdomain).</returns>
    public static ServiceAccountSubject? Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = text[Prefix.Length..].Split(':');
        return parts.Length == 2 && IsName(parts[0], 63, false) && IsName(parts[1], 253, true)
            ? new ServiceAccountSubject(parts[0], parts[1])
            : null;
    }

    private static bool IsName(string text, int longest, bool dots) =>
        text.Length > 0
        && text.Length <= longest
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-' || (dots && c == '.'))
        && char.IsAsciiLetterOrDigit(text[0])
        && char.IsAsciiLetterOrDigit(text[^1]);
}
