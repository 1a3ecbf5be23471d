using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes.Leases;

/// <summary>A Lease (coordination.k8s.io/v1), as far as it is used.</summary>
internal sealed record Lease([property: JsonRequired] LeaseMeta Metadata, [property: JsonRequired] LeaseSpec Spec)
{
    public string ApiVersion { get; } = "coordination.k8s.io/v1";

    public string Kind { get; } = "Lease";
}

/// <summary>A Lease's metadata; with a resource version an update is refused when another client was faster.</summary>
internal sealed record LeaseMeta(string Name, string? Namespace, string? ResourceVersion)
{
    /// <summary>Labels, owners and whatever else others wrote: an update writes it back unchanged.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Rest { get; set; }
}

/// <summary>The holder, and for how long after the last renewal it holds the Lease.</summary>
internal sealed record LeaseSpec(
    string? HolderIdentity,
    int? LeaseDurationSeconds,
    [property: JsonConverter(typeof(MicroTimeConverter))] DateTimeOffset? AcquireTime,
    [property: JsonConverter(typeof(MicroTimeConverter))] DateTimeOffset? RenewTime,
    int? LeaseTransitions);
