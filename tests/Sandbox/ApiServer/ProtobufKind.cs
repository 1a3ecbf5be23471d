namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>How the value of a protobuf field becomes JSON.</summary>
internal enum ProtobufKind
{
    /// <summary>A string; an empty one is left out.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A boolean that may be missing: false is said.</summary>
    Flag,

    /// <summary>A boolean that is always written; false is left out.</summary>
    Switch,

    /// <summary>A nested message; an empty one is left out.</summary>
    Message,

    /// <summary>A nested message whose fields are those of the outer one in JSON.</summary>
    Embedded,

    /// <summary>A quantity, such as <c>64Mi</c>.</summary>
    Quantity,

    /// <summary>One entry of a map from strings to quantities.</summary>
    QuantityMap,

    /// <summary>One entry of a map from strings to strings.</summary>
    TextMap,

    /// <summary>One entry of a map from strings to bytes, base64 in JSON.</summary>
    BytesMap,
}
