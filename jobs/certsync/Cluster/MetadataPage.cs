using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>A page of a <c>PartialObjectMetadataList</c> (meta.k8s.io/v1), as far as it is used.</summary>
/// <param name="Metadata">Where the next page is.</param>
/// <param name="Items">The objects; the API server writes <c>null</c> for an empty page.</param>
internal sealed record MetadataPage(MetadataPage.ListMeta? Metadata, IReadOnlyList<MetadataPage.Item?>? Items)
{
    internal sealed record ListMeta(string? Continue);

    internal sealed record Item(ObjectMeta? Metadata);

    /// <param name="Labels">Those that are read, see <see cref="SelectedEntries"/>.</param>
    /// <param name="Annotations">Likewise.</param>
    internal sealed record ObjectMeta(
        string? Name,
        string? Namespace,
        string? Uid,
        string? ResourceVersion,
        ImmutableDictionary<string, string>? Labels,
        ImmutableDictionary<string, string>? Annotations);
}
