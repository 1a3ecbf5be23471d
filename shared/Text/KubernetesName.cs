namespace ClusterTrust.Text;

/// <summary>The forms of names in Kubernetes (RFC 1123).</summary>
public static class KubernetesName
{
    /// <summary>The maximum length of a namespace's name, which is a label.</summary>
    public const int MaximumNamespaceLength = 63;

    public static bool IsNamespace(string text) => text.Length <= MaximumNamespaceLength && IsLabel(text);

    /// <summary>Whether a text is a valid name of a Secret or a ServiceAccount.</summary>
    public static bool IsSubdomain(string text) => text.Length <= 253 && text.Split('.').All(IsLabel);

    /// <summary>Whether a text is a valid key of an annotation: a name, after a subdomain and <c>/</c> if it has one. Case does not matter.</summary>
    public static bool IsAnnotation(string text) =>
        text.ToLowerInvariant().Split('/') is { Length: <= 2 } parts && IsNamespace(parts[^1].Replace('_', '-').Replace('.', '-')) && (parts.Length == 1 || IsSubdomain(parts[0]));

    /// <summary>Whether a text has only <c>a-z 0-9 -</c>, and no <c>-</c> at an end.</summary>
    public static bool IsLabel(string text) =>
        text is [not '-', ..] and [.., not '-'] && text.All(static character => character is '-' || char.IsAsciiDigit(character) || char.IsAsciiLetterLower(character));
}
