namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>One field of a Kubernetes protobuf message.</summary>
/// <param name="Name">Its JSON name.</param>
/// <param name="Kind">How its value is read.</param>
/// <param name="Repeated">Whether it makes a JSON array.</param>
/// <param name="Message">The fields of a nested message, by number.</param>
internal sealed record ProtobufField(
    string Name, ProtobufKind Kind = ProtobufKind.Text, bool Repeated = false, IReadOnlyDictionary<int, ProtobufField>? Message = null);
