namespace ClusterTrust.Hosting.Output;

/// <summary>A table of aligned columns for a terminal, two blanks between them and none at a line's end.</summary>
public sealed class TextTable(params IReadOnlyList<string> headings)
{
    /// <summary>The widest column. A longer cell pads no other row: the rest of its own row moves to the right.</summary>
    private const int LongestPadding = 80;

    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <param name="cells">One text a column; each is sanitized.</param>
    /// <exception cref="ArgumentException">There are more or fewer cells than columns.</exception>
    public TextTable Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != headings.Count)
        {
            throw new ArgumentException($"A row of this table has {headings.Count} cells, not {cells.Count}.", nameof(cells));
        }

        _rows.Add([.. cells.Select(static cell => Sanitizer.Sanitize(cell))]);
        return this;
    }

    public void WriteTo(TextWriter output)
    {
        var widths = headings.Select((heading, column) =>
            _rows.Select(row => row[column].Length).Where(static length => length <= LongestPadding).Append(heading.Length).Max()).ToArray();
        foreach (var row in _rows.Prepend(headings))
        {
            output.WriteLine(string.Join("  ", row.Zip(widths, (cell, width) => cell.PadRight(width))).TrimEnd());
        }
    }
}
