using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes.Leases;

/// <summary>Who holds it since when and for how long after the last renewal.</summary>
internal sealed record LeaseSpec(
    string? HolderIdentity,
    int? LeaseDurationSeconds,
    [property: JsonConverter(typeof(MicroTimeConverter))] DateTimeOffset? AcquireTime,
    [property: JsonConverter(typeof(MicroTimeConverter))] DateTimeOffset? RenewTime,
    int? LeaseTransitions);
