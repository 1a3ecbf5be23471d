using System.Globalization;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>
/// What libgit2 says over a lasting conversation, put right. After the server's answer to a shallow request it repeats the request, as
/// over HTTP, where a server has no memory; <c>git-upload-pack</c> takes the repetition for a fault, so the second run of <c>want</c>,
/// <c>deepen</c> and <c>shallow</c> lines is left out, with the flush that ends it. And it takes its leave with a flush even when the
/// server's program has all it needs and ends: OpenSSH breaks off the whole connection when data comes for a channel that it has just
/// closed, so that is left out too.
/// </summary>
internal sealed class RequestFilter(GitService service)
{
    private const int Prefix = 4;

    private readonly List<byte> _pending = [];
    private bool _asked;
    private bool _repeating;
    private bool _ended;

    /// <summary>Takes what is to be said, and gives what is said; nothing when it is not to be.</summary>
    public byte[] Pass(ReadOnlySpan<byte> data)
    {
        if (_ended)
        {
            return [];
        }

        if (service == GitService.ReceivePack)
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

    /// <summary>Notes that the server has answered: <c>git-receive-pack</c> ends with its answer, once it has been asked.</summary>
    public void OnAnswer() => _ended |= service == GitService.ReceivePack && _asked;

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
