using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes.Leases;

/// <summary>A Lease (coordination.k8s.io/v1), as far as it is used.</summary>
internal sealed record Lease([property: JsonRequired] LeaseMeta Metadata, [property: JsonRequired] LeaseSpec Spec)
{
    public string ApiVersion { get; } = "coordination.k8s.io/v1";

    public string Kind { get; } = "Lease";
}
