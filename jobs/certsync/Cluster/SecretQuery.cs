using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Which Secrets the API server is asked for.</summary>
public sealed record SecretQuery
{
    /// <summary>The namespaces to list one by one, which takes rights in these only; null for the whole cluster.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>The namespaces left out of a listing of the whole cluster, each by its name; at most <see cref="MostExcluded"/>.</summary>
    public IReadOnlyList<string> ExcludedNamespaces { get; init; } = [];

    /// <summary>Also lists Secrets of type <c>Opaque</c>.</summary>
    public bool IncludeOpaque { get; init; }

    /// <summary>A label selector in Kubernetes' own form, or null. Secrets it leaves out are not listed, which does not mean that they are gone.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>The annotation that names the certificate.</summary>
    public string CertificateAnnotation { get; init; } = Annotations.CertificateName;

    /// <summary>Secrets a page, at least 1. A page that is too long to be read is asked for again with half as many.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>How many namespaces the API server is asked to leave out; it compares every Secret with each of them.</summary>
    public const int MostExcluded = 20;

    /// <summary>The excluded namespaces that the API server can leave out: those given by a plain name, if they are few.</summary>
    public static IReadOnlyList<string> ExactExclusions(SecretFilter filter) =>
        [.. filter.ExcludeNamespaces.Select(static glob => glob.Pattern).Where(IsNamespaceName).Distinct(StringComparer.Ordinal).Take(MostExcluded)];

    /// <summary>
    /// The namespaces that can be listed by name: those included, when all of them are plain names, without those excluded.
    /// Otherwise null: namespaces that fit a pattern can only be found in a listing of the whole cluster.
    /// </summary>
    public static IReadOnlyList<string>? ExactNamespaces(SecretFilter filter) =>
        filter.IncludeNamespaces.Length > 0 && filter.IncludeNamespaces.All(static glob => glob.IsLiteral)
            ? filter.IncludeNamespaces.Select(static glob => glob.Pattern).Distinct(StringComparer.Ordinal).Where(filter.IncludesNamespace).ToArray()
            : null;

    /// <summary>Whether a text can be a namespace's name (RFC 1123 label), so that nothing in it means anything in a selector.</summary>
    private static bool IsNamespaceName(string text) =>
        text.Length is > 0 and <= 63 && text.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
