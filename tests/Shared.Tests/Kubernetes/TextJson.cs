using System.Text.Json.Serialization;

namespace ClusterTrust.Shared.Tests.Kubernetes;

[JsonSerializable(typeof(string))]
internal sealed partial class TextJson : JsonSerializerContext;
