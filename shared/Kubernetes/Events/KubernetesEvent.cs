using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes.Events;

/// <summary>An Event (events.k8s.io/v1), as it is written.</summary>
internal sealed record KubernetesEvent(
    KubernetesEvent.EventMeta Metadata,
    [property: JsonConverter(typeof(MicroTimeConverter))] DateTimeOffset EventTime,
    string ReportingController,
    string ReportingInstance,
    string Action,
    string Reason,
    ObjectReference Regarding,
    string Note,
    string Type)
{
    public string ApiVersion { get; } = "events.k8s.io/v1";

    public string Kind { get; } = "Event";

    internal sealed record EventMeta(string Name, string Namespace);
}
