using ClusterTrust.Text;

namespace ClusterTrust.Hosting.Output;

/// <summary>
/// One line at the bottom of a terminal that says how far a run is, and is gone when the run is done. Where standard error is no
/// terminal there is none. Safe to use from several threads.
/// </summary>
/// <param name="writer">Standard error; null for no line.</param>
/// <param name="width">How many columns the terminal has.</param>
public sealed class ProgressLine(TextWriter? writer, Func<int> width)
{
    private const string Erase = "\r\e[K";
    private const int UsualWidth = 80;

    private readonly Lock gate = new();
    private string shown = "";

    /// <summary>Shows nothing.</summary>
    public static ProgressLine None { get; } = new(null, static () => 0);

    /// <summary>Whether anything is shown at all; if not, no text need be made.</summary>
    public bool IsShown => writer is not null;

    /// <summary>Replaces the line.</summary>
    /// <param name="text">The new text; it is sanitized, and what does not fit the terminal is cut off.</param>
    public void Show(string text) => Draw(Sanitizer.Sanitize(text));

    /// <summary>Erases the line.</summary>
    public void Clear() => Draw("");

    /// <summary>Writes to the same terminal above the line.</summary>
    internal void Interrupt(Action write)
    {
        lock (gate)
        {
            var text = shown;
            Draw("");
            write();
            Draw(text);
        }
    }

    private void Draw(string text)
    {
        lock (gate)
        {
            if (writer is not null && text != shown)
            {
                // A line that wraps could not be erased. Terminals that do not tell their width have at least 80 columns.
                var room = (width() is > 0 and var columns ? columns : UsualWidth) - 1;
                shown = text;
                writer.Write(Erase);
                writer.Write(text.AsSpan(0, Math.Min(text.Length, room)));
                writer.Flush();
            }
        }
    }
}
