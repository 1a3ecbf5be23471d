using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes.Discovery;

/// <summary>An EndpointSlice (discovery.k8s.io/v1), as far as it is used.</summary>
internal sealed record EndpointSlice(IReadOnlyList<EndpointSlice.Endpoint?>? Endpoints, IReadOnlyList<EndpointSlice.Port?>? Ports)
{
    internal sealed record Endpoint(IReadOnlyList<string?>? Addresses, Conditions? Conditions);

    internal sealed record Conditions(bool? Ready);

    internal sealed record Port(string? Name, [property: JsonPropertyName("port")] int? Number);
}
