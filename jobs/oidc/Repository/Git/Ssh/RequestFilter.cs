using System.Globalization;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>
/// Corrects what libgit2 sends over a stateful connection. After the server's answer to a shallow request it repeats the request, as
/// over HTTP, which is stateless; <c>git-upload-pack</c> refuses the repetition, so the second run of <c>want</c>,
/// <c>deepen</c> and <c>shallow</c> lines is omitted, with the flush that ends it. And it ends with a flush even if the
/// server's program has already finished: OpenSSH closes the whole connection if data arrives for a channel that it has just
/// closed, so that flush is omitted too.
/// </summary>
internal sealed class RequestFilter(bool isPush)
{
    private const int Prefix = 4;

    private readonly List<byte> _pending = [];
    private bool _asked;
    private bool _repeating;
    private bool _ended;

    /// <summary>The part of the data to send; may be empty.</summary>
    public byte[] Pass(ReadOnlySpan<byte> data)
    {
        if (_ended)
        {
            return [];
        }

        if (isPush)
        {
            _asked = true;
            return data.ToArray();
        }

        _pending.AddRange(data);
        var passed = new List<byte>(data.Length);
        while (!_ended && _pending.Count >= Prefix)
        {
            var line = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending);
            var size = int.Parse(line[..Prefix], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var length = Math.Max(size, Prefix);
            if (_pending.Count < length)
            {
                break;
            }

            var payload = line[Prefix..length];
            if (Keep(payload))
            {
                passed.AddRange(line[..length]);
                _ended = payload.StartsWith("done"u8);
            }

            _pending.RemoveRange(0, length);
        }

        return [.. passed];
    }

    /// <summary>Records that the server has answered: <c>git-receive-pack</c> ends with its answer to a request.</summary>
    public void OnAnswer() => _ended |= isPush && _asked;

    private bool Keep(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            var keep = !_repeating;
            (_asked, _repeating) = (true, false);
            return keep;
        }

        _repeating |= _asked && (payload.StartsWith("want "u8) || payload.StartsWith("deepen"u8) || payload.StartsWith("shallow "u8));
        return !_repeating;
    }
}
