using System.Buffers;
using System.Text.Unicode;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// A server's response as libgit2 receives it; it consists of pkt-lines (four hexadecimal digits of length, then the payload). The list of
/// references is reduced to branches, because there may be very many others, and for a clone to a single branch. The server's messages
/// about a push are kept, because libgit2 discards them. A pack is passed on unread.
/// </summary>
/// <param name="receive">Receives a part of the response; returns the number of bytes, 0 at the end.</param>
internal sealed class ServerReply(Func<Memory<byte>, int> receive, GitTransport transport, GitSmartSubtransportAction action)
{
    private const int Prefix = 4;

    /// <summary>The longest list of references that is read, in bytes: more than 100,000 of them.</summary>
    private const int LongestList = 8 * 1024 * 1024;

    private readonly byte[] _line = new byte[65536];
    private ReadOnlyMemory<byte> _next;
    private bool _atEnd;

    public int Read(Memory<byte> buffer)
    {
        if (action == GitSmartSubtransportAction.UploadPack)
        {
            return receive(buffer);
        }

        if (_next.IsEmpty && !_atEnd)
        {
            (_next, _atEnd) = action.IsListing() ? (ReadList(), true) : ReadReport();
        }

        var count = Math.Min(buffer.Length, _next.Length);
        _next[..count].CopyTo(buffer);
        _next = _next[count..];
        return count;
    }

    /// <summary>Reads the list of references, and writes it as over HTTP, where the service's name precedes it.</summary>
    /// <returns>Empty if the list has no end, which libgit2 reports.</returns>
    private ReadOnlyMemory<byte> ReadList()
    {
        var only = transport.OnlyBranch is { } branch ? Encoding.UTF8.GetBytes($"refs/heads/{branch}") : null;
        var list = new ArrayBufferWriter<byte>();
        Write(list, Encoding.ASCII.GetBytes($"# service={action.Program()}"));
        list.Write("0000"u8);
        byte[]? capabilities = null;
        var (isPreamble, isEmpty, listed) = (false, true, 0);
        while (TryReadLine(out var payload))
        {
            if (payload.IsEmpty && !isPreamble)
            {
                // A server that has no reference writes its capabilities after this name.
                if (isEmpty && capabilities is not null)
                {
                    Write(list, "0000000000000000000000000000000000000000 capabilities^{}"u8, capabilities);
                }

                list.Write("0000"u8);
                return list.WrittenMemory;
            }

            if ((listed += payload.Length) > LongestList)
            {
                throw new JobException(
                    $"The server of {transport.Address} sends a list of branches larger than {LongestList} bytes: check which server answers at that address, or publish to a separate repository.",
                    ExitCode.Usage);
            }

            if (payload.StartsWith("ERR "u8))
            {
                transport.AddOutput(payload[4..]);
                throw ServerRefusal.Explain(transport, action);
            }

            // The service's name has a flush of its own.
            isPreamble = payload.StartsWith("# service="u8);
            var line = payload.TrimEnd((byte)'\n');
            if (line.IndexOf((byte)0) is var end and >= 0)
            {
                capabilities = line[end..].ToArray();
                ReadCapabilities(Encoding.Latin1.GetString(capabilities, 1, capabilities.Length - 1));
                line = line[..end];
            }

            var name = line[(line.IndexOf((byte)' ') + 1)..];
            if (only is null ? name.SequenceEqual("HEAD"u8) || name.StartsWith("refs/heads/"u8) : name.SequenceEqual(only))
            {
                Write(list, line, isEmpty ? capabilities ?? [0] : []);
                isEmpty = false;
            }
        }

        return default;
    }

    /// <param name="capabilities">What follows the name in the first line, after a NUL.</param>
    private static void Write(ArrayBufferWriter<byte> list, ReadOnlySpan<byte> text, ReadOnlySpan<byte> capabilities = default)
    {
        Utf8.TryWrite(list.GetSpan(Prefix), CultureInfo.InvariantCulture, $"{Prefix + text.Length + capabilities.Length + 1:x4}", out var written);
        list.Advance(written);
        list.Write(text);
        list.Write(capabilities);
        list.Write("\n"u8);
    }

    private void ReadCapabilities(string capabilities)
    {
        const string ObjectFormat = "object-format=";
        if (capabilities.Contains(ObjectFormat, StringComparison.Ordinal) && !capabilities.Contains(ObjectFormat + "sha1", StringComparison.Ordinal))
        {
            throw ServerRefusal.ObjectFormat(transport.Address);
        }

        if (action == GitSmartSubtransportAction.UploadPackList)
        {
            transport.CanBeShallow = capabilities.Split(' ').Contains("shallow");
        }
    }

    /// <summary>Reads a line of the response to a push, and keeps it if it is from one of the two channels for people.</summary>
    private (ReadOnlyMemory<byte> Line, bool IsAtEnd) ReadReport()
    {
        if (!TryReadLine(out var payload))
        {
            return (default, true);
        }

        if (payload is [2 or 3, .. var message])
        {
            transport.AddOutput(message);
        }
        else
        {
            // The other channel's lines contain those of the report.
            transport.IsMoveReported |= payload.IndexOf(Encoding.UTF8.GetBytes($"ok refs/heads/{transport.OnlyBranch}")) >= 0;
        }

        return (_line.AsMemory(0, Prefix + payload.Length), false);
    }

    /// <param name="payload">Its payload; empty for a flush.</param>
    /// <returns>False at the end of the response, and if the response ends within a line.</returns>
    private bool TryReadLine(out ReadOnlySpan<byte> payload)
    {
        payload = [];
        var length = Receive(0, Prefix);
        if (length == 0)
        {
            return false;
        }

        if (length < Prefix || !int.TryParse(_line.AsSpan(0, Prefix), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)
            || size > _line.Length || size is > 0 and < Prefix)
        {
            throw NotGit(length);
        }

        if (size > Prefix && Receive(Prefix, size - Prefix) < size - Prefix)
        {
            return false;
        }

        payload = _line.AsSpan(Prefix, Math.Max(size, Prefix) - Prefix);
        return true;
    }

    private int Receive(int at, int count)
    {
        var total = 0;
        while (total < count && receive(_line.AsMemory(at + total, count - total)) is var read and > 0)
        {
            total += read;
        }

        return total;
    }

    private JobException NotGit(int length)
    {
        length += Receive(length, 200);
        return new JobException(
            $"The response of {transport.Address} is not in the Git protocol; it starts with '{transport.Quote(Encoding.UTF8.GetString(_line, 0, length))}': correct the address, or remove the server's login message.",
            ExitCode.Usage);
    }
}
