namespace ClusterTrust.Hosting.Output;

/// <summary>One line at the bottom of a terminal that shows the progress of a run and is erased at its end. Thread-safe.</summary>
/// <param name="writer">Standard error; null for no line.</param>
/// <param name="width">The number of columns of the terminal; 0 if unknown.</param>
public sealed class ProgressLine(TextWriter? writer, Func<int> width)
{
    private const string Erase = "\r\e[K";
    private const int UsualWidth = 80;

    private readonly Lock _lock = new();
    private string _shown = "";

    public static ProgressLine None { get; } = new(null, static () => 0);

    /// <summary>Whether anything is shown; if not, no text needs to be formatted.</summary>
    public bool IsShown => writer is not null;

    /// <param name="text">The new text; it is sanitized, and what does not fit the terminal is cut off.</param>
    public void Show(string text) => Draw(Sanitizer.Sanitize(text));

    public void Clear() => Draw("");

    /// <summary>Writes to the same terminal above the line, one caller at a time.</summary>
    internal void Interrupt(Action write)
    {
        lock (_lock)
        {
            var text = _shown;
            Draw("");
            write();
            Draw(text);
        }
    }

    private void Draw(string text)
    {
        lock (_lock)
        {
            if (writer is not null && text != _shown)
            {
                // A line that wraps could not be erased.
                var maximum = (width() is > 0 and var columns ? columns : UsualWidth) - 1;
                _shown = text;
                try
                {
                    writer.Write(Erase);
                    writer.Write(text.AsSpan(0, Math.Min(text.Length, maximum)));
                    writer.Flush();
                }
                catch (IOException)
                {
                    // The terminal is gone.
                }
            }
        }
    }
}
