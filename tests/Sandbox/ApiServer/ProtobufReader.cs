using System.Buffers.Binary;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Walks the fields of one protobuf message.</summary>
/// <param name="message">The message's bytes.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <summary>The current field's value when it is length-delimited.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The current field's value when it is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>Whether the walk ended because the message is malformed.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Moves to the next field; false at the end or at something malformed.</summary>
    public bool Next(out int field)
    {
        field = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        field = (int)(tag >> 3);
        Bytes = default;
        Number = 0;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Bytes = Take(8);
                Number = IsBroken ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(Bytes);
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Bytes = Take(4);
                Number = IsBroken ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(Bytes);
                break;
            default:
                IsBroken = true;
                break;
        }

        return !IsBroken;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7f) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }

        IsBroken = true;
        return 0;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (IsBroken || length > (ulong)rest.Length)
        {
            IsBroken = true;
            return default;
        }

        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }
}

/// <summary>One field of a Kubernetes protobuf message.</summary>
/// <param name="Name">Its JSON name.</param>
/// <param name="Kind">How its value is read.</param>
/// <param name="Repeated">Whether it makes a JSON array.</param>
/// <param name="Message">The fields of a nested message, by number.</param>
internal sealed record ProtobufField(
    string Name, ProtobufKind Kind = ProtobufKind.Text, bool Repeated = false, IReadOnlyDictionary<int, ProtobufField>? Message = null);

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
}
