namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>How the value of a protobuf field becomes JSON.</summary>
internal enum ProtobufKind
{
    /// <summary>A string; an empty one is left out.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A boolean.</summary>
    Flag,

    /// <summary>A nested message; an empty one is left out.</summary>
    Message,

    /// <summary>One entry of a map from strings to strings.</summary>
    TextMap,

    /// <summary>One entry of a map from strings to bytes, base64 in JSON.</summary>
    BytesMap,
}
