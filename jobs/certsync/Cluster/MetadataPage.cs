using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>A page of a <c>PartialObjectMetadataList</c> (meta.k8s.io/v1), as far as it is used.</summary>
/// <remarks>An answer without either is no list: taken for an empty one, it would let certificates be pruned.</remarks>
/// <param name="Metadata">Where the next page is.</param>
/// <param name="Items">The objects; the API server writes <c>null</c> for an empty page.</param>
internal sealed record MetadataPage(
    [property: JsonRequired] MetadataPage.ListMeta? Metadata,
    [property: JsonRequired] IReadOnlyList<MetadataPage.Item?>? Items)
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
