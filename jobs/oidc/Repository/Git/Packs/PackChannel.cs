using System.Globalization;

namespace ClusterTrust.Oidc.Repository.Git.Packs;

/// <summary>
/// Finds the pack in what <c>git-upload-pack</c> answers, while it passes: in the first channel of pkt-lines
/// (<c>gitprotocol-pack</c>, side-band), or bare behind them. Whatever is no pack is left to libgit2.
/// </summary>
internal sealed class PackChannel(PackBounds bounds)
{
    private const int Prefix = 4;
    private const byte PackData = 1;

    private readonly byte[] prefix = new byte[Prefix];
    private int prefixed;
    private int left;
    private bool begins;
    private bool isPack;
    private bool isBare;

    /// <summary>Takes what has come.</summary>
    /// <exception cref="Hosting.JobException">The pack goes beyond its bounds.</exception>
    public void Pass(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (isBare)
            {
                bounds.Pass(data);
                return;
            }

            data = left == 0 ? data[TakePrefix(data)..] : data[TakePayload(data)..];
        }
    }

    private int TakePrefix(ReadOnlySpan<byte> data)
    {
        var count = Math.Min(Prefix - prefixed, data.Length);
        data[..count].CopyTo(prefix.AsSpan(prefixed));
        prefixed += count;
        if (prefixed < Prefix)
        {
            return count;
        }

        prefixed = 0;
        if (int.TryParse(prefix, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
        {
            (left, begins) = (Math.Max(size - Prefix, 0), true);
        }
        else
        {
            isBare = true;
            bounds.Pass(prefix);
        }

        return count;
    }

    private int TakePayload(ReadOnlySpan<byte> data)
    {
        var count = Math.Min(left, data.Length);
        left -= count;
        var payload = data[..count];
        if (begins)
        {
            (begins, isPack) = (false, payload[0] == PackData);
            payload = payload[1..];
        }

        if (isPack)
        {
            bounds.Pass(payload);
        }

        return count;
    }
}
