using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Which Secrets the API server is asked for.</summary>
/// <param name="Filter">The Secrets to sync. What of this the API server can select, it selects.</param>
public sealed record SecretQuery(SecretFilter Filter)
{
    /// <summary>How many namespaces the API server excludes; it compares every Secret with each of them.</summary>
    private const int MaximumExcluded = 20;

    public bool IncludeOpaque { get; init; }

    /// <summary>A Kubernetes label selector; null for all. Secrets that it excludes are not listed, but do exist.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Also keep the annotation <see cref="Annotations.Endpoints"/>, which only <c>verify</c> reads.</summary>
    public bool KeepsEndpoints { get; init; }

    /// <summary>Secrets a page, at least 1. A page that is too long to be read is requested again with half as many.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// The namespaces to list one by one, which requires permissions in these only: those included, if all are plain names, without
    /// those excluded. Null for the whole cluster: namespaces that match a pattern can only be found in a listing of all.
    /// </summary>
    public IReadOnlyList<string>? Namespaces => Filter.IncludeNamespaces.Length > 0 && Filter.IncludeNamespaces.All(static glob => glob.IsLiteral)
        ? [.. Filter.IncludeNamespaces.Select(static glob => glob.Pattern).Distinct(StringComparer.Ordinal).Where(Filter.IncludesNamespace)]
        : null;

    /// <summary>The namespaces that the API server leaves out of a listing of the whole cluster: the first plain names among those excluded.</summary>
    public IReadOnlyList<string> ExcludedNamespaces =>
        [.. Filter.ExcludeNamespaces.Select(static glob => glob.Pattern).Where(Ownership.IsNamespaceName).Distinct(StringComparer.Ordinal).Take(MaximumExcluded)];
}
