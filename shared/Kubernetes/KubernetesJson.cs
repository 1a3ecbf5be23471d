using System.Text.Json.Serialization;
using ClusterTrust.Kubernetes.Access;
using ClusterTrust.Kubernetes.Authentication;
using ClusterTrust.Kubernetes.Discovery;
using ClusterTrust.Kubernetes.Events;
using ClusterTrust.Kubernetes.Leases;

namespace ClusterTrust.Kubernetes;

/// <summary>The JSON of this library, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(ExecCredential))]
[JsonSerializable(typeof(KubernetesEvent))]
[JsonSerializable(typeof(KubernetesStatus))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(TokenRequest))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
