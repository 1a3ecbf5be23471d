using System.Text;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>What a server said to people, kept short and made fit for a message: one line, printable ASCII, without credentials.</summary>
internal sealed class RemoteText
{
    private const int MaxKept = 4096;
    private const int MaxShown = 400;

    private readonly StringBuilder text = new();

    /// <summary>A token that the server was sent and might say back; null for none.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether nothing was said.</summary>
    public bool IsEmpty => string.IsNullOrWhiteSpace(text.ToString());

    /// <summary>Keeps what was said, up to a limit.</summary>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        lock (text)
        {
            text.Append(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxKept - text.Length)]));
        }
    }

    /// <summary>Forgets it.</summary>
    public void Clear()
    {
        lock (text)
        {
            text.Clear();
        }
    }

    /// <summary>Whether one of the phrases was said, in any case.</summary>
    public bool Says(params ReadOnlySpan<string> phrases)
    {
        var said = text.ToString();
        foreach (var phrase in phrases)
        {
            if (said.Contains(phrase, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What was said, in a line.</summary>
    public override string ToString() =>
        Line(string.IsNullOrEmpty(Secret) ? text.ToString() : text.ToString().Replace(Secret, "(redacted)", StringComparison.Ordinal));

    /// <summary>Foreign text in a line.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder();
        foreach (var word in Redaction.Of(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (word is "remote:")
            {
                continue;
            }

            line.Append(line.Length == 0 ? "" : " ");
            foreach (var character in word)
            {
                line.Append(character is > ' ' and <= '~' ? character : '?');
            }

            if (line.Length > MaxShown)
            {
                return line.ToString(0, MaxShown) + "...";
            }
        }

        return line.ToString();
    }
}
