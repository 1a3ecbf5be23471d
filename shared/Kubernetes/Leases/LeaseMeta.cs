using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes.Leases;

/// <summary>A Lease's metadata; with a resource version an update is refused when someone else was faster.</summary>
internal sealed record LeaseMeta(string Name, string? Namespace, string? ResourceVersion)
{
    /// <summary>Labels, owners and whatever else others wrote: an update hands it back as it was.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Rest { get; set; }
}
