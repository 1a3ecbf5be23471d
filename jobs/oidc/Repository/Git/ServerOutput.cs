using System.Text;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A server's messages in one conversation: error output, <c>ERR</c> lines, messages of hooks, error bodies.</summary>
/// <param name="secret">The token that was sent to the server, which may repeat it; null for none.</param>
internal sealed class ServerOutput(string? secret)
{
    private const int MaxBytes = 4096;

    private readonly StringBuilder _text = new();

    public bool IsEmpty => string.IsNullOrWhiteSpace(Text);

    /// <summary>The output as it came, at most 4096 bytes of it.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>Keeps some output, as long as there is room.</summary>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        lock (_text)
        {
            _text.Append(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, Math.Max(0, MaxBytes - _text.Length))]));
        }
    }

    public void Clear()
    {
        lock (_text)
        {
            _text.Clear();
        }
    }

    /// <summary>The output in one line fit for a message.</summary>
    public override string ToString() =>
        ServerText.Quote(string.IsNullOrEmpty(secret) ? Text : Text.Replace(secret, "(redacted)", StringComparison.Ordinal));
}
