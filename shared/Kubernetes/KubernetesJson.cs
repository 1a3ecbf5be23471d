using System.Text.Json.Serialization;

namespace ClusterTrust.Kubernetes;

/// <summary>The JSON of this library, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KubernetesStatus))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
