using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>How listings are read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(MetadataPage))]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    /// <summary>Options that keep only some labels and annotations.</summary>
    public static ClusterJson Keeping(IReadOnlyList<string> keys) =>
        new(new JsonSerializerOptions(Default.Options) { Converters = { new SelectedEntries(keys) }, TypeInfoResolver = null });
}
