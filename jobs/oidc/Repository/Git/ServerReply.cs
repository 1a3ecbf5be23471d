using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// A server's answer as libgit2 gets it; it consists of pkt-lines (four hexadecimal digits of length, then the payload). The list of
/// references is reduced to branches, because there may be very many others, and for a clone to a single branch. The server's messages
/// about a push are kept, because libgit2 discards them. A pack is passed on unread.
/// </summary>
/// <param name="receive">Receives a part of the answer; returns the number of bytes, 0 at the end.</param>
internal sealed class ServerReply(Func<Memory<byte>, int> receive, GitTransport transport, GitSmartSubtransportAction action)
{
    private const int Prefix = 4;
    private const string Flush = "0000";

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
    private byte[] ReadList()
    {
        // Names need not be UTF-8; in Latin-1, each byte is a character.
        var only = transport.OnlyBranch is { } branch ? Encoding.Latin1.GetString(Encoding.UTF8.GetBytes($"refs/heads/{branch}")) : null;
        var shown = new StringBuilder();
        string? capabilities = null;
        var isPreamble = false;
        var listed = 0;
        while (TryReadLine(out var payload))
        {
            if (payload.IsEmpty && !isPreamble)
            {
                // A server that has no reference writes its capabilities after this name.
                var references = shown.Length > 0 || capabilities is null ? shown.ToString() : Line($"{new string('0', 40)} capabilities^{{}}\0{capabilities}");
                return Encoding.Latin1.GetBytes($"{Line($"# service={action.Program()}")}{Flush}{references}{Flush}");
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
            var line = Encoding.Latin1.GetString(payload.TrimEnd((byte)'\n')).Split('\0', 2);
            if (line is [_, var behindFirst])
            {
                capabilities = behindFirst;
                RequireSha1(capabilities);
                if (action == GitSmartSubtransportAction.UploadPackList)
                {
                    transport.CanBeShallow = capabilities.Split(' ').Contains("shallow");
                }
            }

            var name = line[0][(line[0].IndexOf(' ', StringComparison.Ordinal) + 1)..];
            if (only is null ? name == "HEAD" || name.StartsWith("refs/heads/", StringComparison.Ordinal) : name == only)
            {
                shown.Append(Line(shown.Length == 0 ? $"{line[0]}\0{capabilities}" : line[0]));
            }
        }

        return [];
    }

    private static string Line(string text) => string.Create(CultureInfo.InvariantCulture, $"{Prefix + text.Length + 1:x4}{text}\n");

    private void RequireSha1(string capabilities)
    {
        const string ObjectFormat = "object-format=";
        if (capabilities.Contains(ObjectFormat, StringComparison.Ordinal) && !capabilities.Contains(ObjectFormat + "sha1", StringComparison.Ordinal))
        {
            throw ServerRefusal.ObjectFormat(transport.Address);
        }
    }

    /// <summary>Reads a line of the answer to a push, and keeps it if it is of the two channels that are for people.</summary>
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
    /// <returns>False at the end of the answer, and if the answer ends within a line.</returns>
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
            $"The answer of {transport.Address} is not in the Git protocol; it starts with '{transport.Quote(Encoding.UTF8.GetString(_line, 0, length))}': correct the address, or remove the server's login message.",
            ExitCode.Usage);
    }
}
