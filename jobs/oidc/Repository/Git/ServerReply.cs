using System.Globalization;
using System.Text;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// Filters a server's answer for libgit2, as far as it consists of pkt-lines (four hexadecimal digits of length, then the payload).
/// Other references are removed from the list, because a clone would fetch each of them. The server's messages about
/// a push are kept, because libgit2 discards them.
/// </summary>
internal sealed class ServerReply(ServerReply.Receiver receive, GitTransport transport, GitService service, bool advertises)
{
    private const int Prefix = 4;

    /// <summary>The longest list of references that is read, in bytes: more than 100,000 of them.</summary>
    private const int LongestList = 8 * 1024 * 1024;

    private readonly byte[] _line = new byte[65536];
    private byte[] _ready = [];
    private int _given;
    private bool _listing = advertises;
    private bool _atEnd;
    private bool _serviceLine;
    private bool _branchSeen;
    private int _listed;
    private byte[]? _capabilities;

    /// <returns>The number of bytes, 0 at the end.</returns>
    public delegate int Receiver(Span<byte> buffer);

    /// <returns>The number of bytes, 0 at the end.</returns>
    public int Read(Span<byte> buffer)
    {
        if (_given == _ready.Length && !_listing && service == GitService.UploadPack)
        {
            return receive(buffer); // the pack
        }

        while (_given == _ready.Length && !_atEnd)
        {
            (_ready, _given) = (Next(), 0);
        }

        var count = Math.Min(buffer.Length, _ready.Length - _given);
        _ready.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    /// <summary>The next line for libgit2: unchanged, replaced, or empty.</summary>
    private byte[] Next()
    {
        var length = Receive(0, Prefix);
        if (length == 0)
        {
            _atEnd = true;
            return [];
        }

        if (length < Prefix || !int.TryParse(_line.AsSpan(0, Prefix), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)
            || size > _line.Length || size is > 0 and < Prefix)
        {
            throw NotGit(length);
        }

        if (size <= Prefix)
        {
            return Flush(_line.AsSpan(0, Prefix).ToArray());
        }

        if (Receive(Prefix, size - Prefix) < size - Prefix)
        {
            _atEnd = true; // libgit2 reports the early end
            return [];
        }

        if (_listing && (_listed += size) > LongestList)
        {
            throw new JobException(
                $"The server of {transport.Address} sends a list of branches larger than {LongestList} bytes: check which server answers at that address, or publish to a separate repository.",
                ExitCode.Usage);
        }

        return _listing ? Listed(_line.AsSpan(Prefix, size - Prefix)) : Reported(_line.AsSpan(0, size));
    }

    private byte[] Flush(byte[] flush)
    {
        if (!_listing)
        {
            return flush;
        }

        if (_serviceLine)
        {
            _serviceLine = false; // over HTTP the list starts with the service's name and a flush of its own
            return flush;
        }

        _listing = false;
        // No reference is left to carry the capabilities: the protocol has a line for empty lists.
        return _capabilities is null || _branchSeen ? flush : [.. Line([.. Encoding.ASCII.GetBytes(new string('0', 40) + " capabilities^{}"), 0, .. _capabilities]), .. flush];
    }

    private byte[] Listed(ReadOnlySpan<byte> payload)
    {
        if (payload.StartsWith("ERR "u8))
        {
            transport.Output.Add(payload[4..]);
            throw ServerRefusal.Explain(transport, service);
        }

        if (payload.StartsWith("# service="u8))
        {
            _serviceLine = true;
            return Line(payload);
        }

        var end = payload.IndexOf((byte)0);
        if (end >= 0)
        {
            _capabilities = payload[(end + 1)..].ToArray();
            if (_capabilities.AsSpan().IndexOf("object-format="u8) >= 0 && _capabilities.AsSpan().IndexOf("object-format=sha1"u8) < 0)
            {
                throw ServerRefusal.ObjectFormat(transport.Address);
            }
        }

        if (service != GitService.UploadPack)
        {
            _branchSeen = true;
            return Line(payload);
        }

        // Tags, pull requests and notes are not needed, and there may be very many of them.
        var reference = (end >= 0 ? payload[..end] : payload).TrimEnd((byte)'\n');
        var isWanted = transport.OnlyBranch is { } branch
            ? reference.EndsWith(Encoding.UTF8.GetBytes(" refs/heads/" + branch))
            : reference.EndsWith(" HEAD"u8) || reference.IndexOf(" refs/heads/"u8) >= 0;
        if (!isWanted || _capabilities is null)
        {
            return [];
        }

        var isFirst = !_branchSeen;
        _branchSeen = true;
        return isFirst ? Line([.. reference, 0, .. _capabilities]) : Line([.. reference, (byte)'\n']);
    }

    /// <summary>Keeps the messages for people: the second and third channel of the answer to a push.</summary>
    private byte[] Reported(ReadOnlySpan<byte> whole)
    {
        if (whole[Prefix] is 2 or 3)
        {
            transport.Output.Add(whole[(Prefix + 1)..]);
        }

        return whole.ToArray();
    }

    private int Receive(int at, int count)
    {
        var total = 0;
        while (total < count && receive(_line.AsSpan(at + total, count - total)) is var read and > 0)
        {
            total += read;
        }

        return total;
    }

    private JobException NotGit(int length)
    {
        length += Receive(length, 200);
        return new JobException(
            $"The answer of {transport.Address} is not in the Git protocol; it starts with '{ServerText.Quote(Encoding.UTF8.GetString(_line, 0, length))}': correct the address, or remove the server's login message.",
            ExitCode.Usage);
    }

    private static byte[] Line(ReadOnlySpan<byte> payload) =>
        [.. Encoding.ASCII.GetBytes((payload.Length + Prefix).ToString("x4", CultureInfo.InvariantCulture)), .. payload];
}
