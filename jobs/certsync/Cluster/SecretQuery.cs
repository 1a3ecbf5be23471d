using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Which Secrets the API server is asked for.</summary>
public sealed record SecretQuery
{
    /// <summary>The namespaces to list one by one, which takes rights in these only; null for the whole cluster.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>Also lists Secrets of type <c>Opaque</c>.</summary>
    public bool IncludeOpaque { get; init; }

    /// <summary>A label selector in Kubernetes' own form, or null. Secrets it leaves out are not listed, which does not mean that they are gone.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>The annotation that names the certificate.</summary>
    public string CertificateAnnotation { get; init; } = Annotations.CertificateName;

    /// <summary>Secrets a page.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// The namespaces that can be listed by name: those included, when all of them are plain names, without those excluded.
    /// Otherwise null: namespaces that fit a pattern can only be found in a listing of the whole cluster.
    /// </summary>
    public static IReadOnlyList<string>? ExactNamespaces(SecretFilter filter) =>
        filter.IncludeNamespaces.Length > 0 && filter.IncludeNamespaces.All(static glob => glob.IsLiteral)
            ? filter.IncludeNamespaces.Select(static glob => glob.Pattern).Distinct(StringComparer.Ordinal).Where(filter.IncludesNamespace).ToArray()
            : null;
}
