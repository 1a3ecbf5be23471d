using System.Text.Json.Serialization;

namespace ClusterTrust.Hosting;

[JsonSerializable(typeof(TerminationMessage))]
internal sealed partial class TerminationMessageJson : JsonSerializerContext;
