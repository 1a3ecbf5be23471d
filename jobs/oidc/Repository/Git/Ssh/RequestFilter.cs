using System.Globalization;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>
/// What libgit2 says to <c>git-upload-pack</c>, put right. After the server's answer to a shallow request it repeats the request,
/// as over HTTP, where a server has no memory; over a lasting conversation the server takes the repetition for a fault. The second
/// run of <c>want</c>, <c>deepen</c> and <c>shallow</c> lines is left out, with the flush that ends it.
/// </summary>
internal sealed class RequestFilter
{
    private const int Prefix = 4;

    private readonly List<byte> pending = [];
    private bool asked;
    private bool repeating;

    /// <summary>Takes what is to be said, and gives what is said.</summary>
    public byte[] Pass(ReadOnlySpan<byte> data)
    {
        pending.AddRange(data);
        var passed = new List<byte>(data.Length);
        while (pending.Count >= Prefix)
        {
            var line = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pending);
            var size = int.Parse(line[..Prefix], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var length = Math.Max(size, Prefix);
            if (pending.Count < length)
            {
                break;
            }

            if (Keep(line[Prefix..length]))
            {
                passed.AddRange(line[..length]);
            }

            pending.RemoveRange(0, length);
        }

        return [.. passed];
    }

    private bool Keep(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            var keep = !repeating;
            (asked, repeating) = (true, false);
            return keep;
        }

        repeating |= asked && (payload.StartsWith("want "u8) || payload.StartsWith("deepen"u8) || payload.StartsWith("shallow "u8));
        return !repeating;
    }
}
