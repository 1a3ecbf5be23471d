using System.Globalization;
using System.Text;

namespace ClusterTrust.Hosting;

/// <summary>Small helps for texts that people read in one line.</summary>
public static class Sentence
{
    /// <summary>
    /// The text in one line, with a blank for every run of control characters, so that a foreign message can neither break a line nor
    /// steer a terminal; lone surrogates become U+FFFD.
    /// </summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsControl(rune))
            {
                line.Append(rune);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>Joins names: <c>a, b or c</c>.</summary>
    /// <param name="items">The names.</param>
    /// <param name="word">The word before the last.</param>
    public static string List(IReadOnlyList<string> items, string word) => items.Count < 2
        ? string.Concat(items)
        : $"{string.Join(", ", items.SkipLast(1))} {word} {items[^1]}";

    private static bool IsControl(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
