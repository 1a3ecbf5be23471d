using System.Text.Json.Serialization;
using ClusterTrust.Kubernetes.Authentication;
using ClusterTrust.Kubernetes.Leases;
using k8s.Models;

namespace ClusterTrust.Kubernetes;

/// <summary>The JSON of this library, without reflection: KubernetesClient's models, and what it has no model for.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(MicroTimeConverter), typeof(MicroTimeConverter.OfDateTime)])]
[JsonSerializable(typeof(Authenticationv1TokenRequest))]
[JsonSerializable(typeof(Eventsv1Event))]
[JsonSerializable(typeof(ExecCredential))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(V1EndpointSlice))]
[JsonSerializable(typeof(V1Status))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
