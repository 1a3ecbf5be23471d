using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes.Discovery;

/// <summary>A list of EndpointSlices (discovery.k8s.io/v1), as far as it is used.</summary>
internal sealed record EndpointSliceList(IReadOnlyList<EndpointSliceList.Slice?>? Items)
{
    internal sealed record Slice(IReadOnlyList<Endpoint?>? Endpoints, IReadOnlyList<Port?>? Ports);

    internal sealed record Endpoint(IReadOnlyList<string?>? Addresses, Conditions? Conditions);

    internal sealed record Conditions(bool? Ready);

    internal sealed record Port(string? Name, [property: JsonPropertyName("port")] int? Number);
}
