namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Walks the fields of one protobuf message.</summary>
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
            case 2:
                Bytes = Take(Varint());
                break;
            default:
                // Numbers of fixed width: no kind that is read has any.
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
