using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes;

/// <summary>The <c>Status</c> body of a fault (meta.k8s.io/v1), as far as it is used.</summary>
internal sealed record KubernetesStatus(
    string? Message,
    string? Reason,
    KubernetesStatus.StatusDetails? Details,
    KubernetesStatus.ListMeta? Metadata)
{
    internal sealed record StatusDetails(string? Name, string? Group, string? Kind);

    internal sealed record ListMeta([property: JsonPropertyName("continue")] string? Continue);
}
