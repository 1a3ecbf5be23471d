using System.Globalization;
using System.Text;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// What a server says, on its way to libgit2, as far as it is made of pkt-lines (four hexadecimal digits of length, then the payload).
/// Branches that are of no concern are left out of the list: a clone would fetch each of them. What the server says to people about
/// a push is kept: libgit2 has no place for it.
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

    /// <summary>The next line as libgit2 is to see it: itself, another, or nothing.</summary>
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
            _atEnd = true; // libgit2 takes this for what it is, an early end
            return [];
        }

        if (_listing && (_listed += size) > LongestList)
        {
            throw new JobException(
                $"The server of {transport.Address} lists its branches without end, more than {LongestList} bytes of them: find out what answers there, or publish to a repository of its own.",
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
        // Nothing left to tell the capabilities with: the empty list has a form for it.
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
        }

        if (service != GitService.UploadPack)
        {
            _branchSeen = true;
            return Line(payload);
        }

        // Tags, pull requests and notes are nothing to read here, and there may be very many of them.
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

    /// <summary>Keeps what is for people: the second and third channel of a push's answer.</summary>
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
            $"{transport.Address} does not speak Git: its answer starts with '{ServerText.Quote(Encoding.UTF8.GetString(_line, 0, length))}'. Correct the address, or what the server prints at login.",
            ExitCode.Usage);
    }

    private static byte[] Line(ReadOnlySpan<byte> payload) =>
        [.. Encoding.ASCII.GetBytes((payload.Length + Prefix).ToString("x4", CultureInfo.InvariantCulture)), .. payload];
}
