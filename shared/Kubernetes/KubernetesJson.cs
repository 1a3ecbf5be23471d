using System.Text.Json.Serialization;
using k8s.KubeConfigModels;
using k8s.Models;

namespace ClusterTrust.Kubernetes;

/// <summary>The JSON of KubernetesClient's models, and of what it has no model for.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(MicroTimeConverter)])]
[JsonSerializable(typeof(Eventsv1Event))]
[JsonSerializable(typeof(ExecCredentialResponse))]
[JsonSerializable(typeof(V1Status))]
internal sealed partial class KubernetesJson : JsonSerializerContext;

/// <summary>Kubernetes' MicroTime: RFC 3339 in UTC with exactly six digits of a second, which the API server requires.</summary>
public sealed class MicroTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset().UtcDateTime;

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
}
