using System.Text.Json.Serialization;

namespace ClusterTrust.Shared.Tests.Kubernetes;

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
internal sealed partial class TextJson : JsonSerializerContext;
