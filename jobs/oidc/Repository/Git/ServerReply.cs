using System.Globalization;
using System.Text;
using ClusterTrust.Hosting;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// Filters a server's answer for libgit2, as far as it consists of pkt-lines (four hexadecimal digits of length, then the payload).
/// References other than branches are left out of the list, because there may be very many of them, and for a clone the other branches,
/// because it would fetch them. The server's messages about a push are kept, because libgit2 discards them.
/// </summary>
internal sealed class ServerReply(ServerReply.Receiver receive, GitTransport transport, GitSmartSubtransportAction action)
{
    private const int Prefix = 4;

    /// <summary>The longest list of references that is read, in bytes: more than 100,000 of them.</summary>
    private const int LongestList = 8 * 1024 * 1024;

    private readonly byte[] _line = new byte[65536];
    private int _length;
    private int _given;
    private bool _listing = action.IsListing();
    private bool _serviceLine;
    private bool _atEnd;
    private int _listed;

    /// <returns>The number of bytes, 0 at the end.</returns>
    public delegate int Receiver(Span<byte> buffer);

    /// <returns>The number of bytes, 0 at the end.</returns>
    public int Read(Span<byte> buffer)
    {
        if (_given == _length && !_listing && !action.IsPush())
        {
            return receive(buffer); // the pack
        }

        while (_given == _length && !_atEnd)
        {
            (_length, _given) = (Next(), 0);
        }

        var count = Math.Min(buffer.Length, _length - _given);
        _line.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    /// <summary>Receives the next line.</summary>
    /// <returns>Its length; 0 if it is left out, and at the end.</returns>
    private int Next()
    {
        var length = Receive(0, Prefix);
        if (length == 0)
        {
            _atEnd = true;
            return 0;
        }

        if (length < Prefix || !int.TryParse(_line.AsSpan(0, Prefix), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)
            || size > _line.Length || size is > 0 and < Prefix)
        {
            throw NotGit(length);
        }

        if (size <= Prefix)
        {
            // Over HTTP the list starts with the service's name and a flush of its own.
            (_listing, _serviceLine) = (_listing && _serviceLine, false);
            return Prefix;
        }

        if (Receive(Prefix, size - Prefix) < size - Prefix)
        {
            _atEnd = true; // libgit2 reports the early end
            return 0;
        }

        var payload = _line.AsSpan(Prefix, size - Prefix);
        if (!_listing)
        {
            if (payload[0] is 2 or 3)
            {
                transport.Output.Add(payload[1..]); // the channels of the answer to a push that are for people
            }

            return size;
        }

        if ((_listed += size) > LongestList)
        {
            throw new JobException(
                $"The server of {transport.Address} sends a list of branches larger than {LongestList} bytes: check which server answers at that address, or publish to a separate repository.",
                ExitCode.Usage);
        }

        return IsListed(payload) ? size : 0;
    }

    /// <summary>Whether libgit2 gets a line of the list of references.</summary>
    private bool IsListed(Span<byte> payload)
    {
        if (payload.StartsWith("ERR "u8))
        {
            transport.Output.Add(payload[4..]);
            throw ServerRefusal.Explain(transport, action);
        }

        if (payload.StartsWith("# service="u8))
        {
            return _serviceLine = true;
        }

        // The first reference carries the server's capabilities behind a NUL, so libgit2 gets it in any case.
        if (payload.IndexOf((byte)0) is var end and >= 0)
        {
            if (payload[end..].IndexOf("object-format="u8) >= 0 && payload[end..].IndexOf("object-format=sha1"u8) < 0)
            {
                throw ServerRefusal.ObjectFormat(transport.Address);
            }

            var first = payload[..end];
            if (!action.IsPush() && transport.OnlyBranch is not null && !IsOnlyBranch(first) && first.IndexOf(Branches) is var at and >= 0)
            {
                // A name outside of those that are fetched.
                " refs/other/"u8.CopyTo(first[at..]);
            }

            return true;
        }

        var reference = payload.TrimEnd((byte)'\n');
        return action.IsPush() || (transport.OnlyBranch is null
            ? reference.EndsWith(" HEAD"u8) || reference.IndexOf(Branches) >= 0
            : IsOnlyBranch(reference));
    }

    private bool IsOnlyBranch(ReadOnlySpan<byte> reference) => reference.EndsWith(Encoding.UTF8.GetBytes($" refs/heads/{transport.OnlyBranch}"));

    private static ReadOnlySpan<byte> Branches => " refs/heads/"u8;

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
}
