namespace ClusterTrust.Text;

/// <summary>Formats lists in sentences.</summary>
public static class Sentence
{
    /// <summary>Joins names: <c>a, b or c</c>.</summary>
    /// <param name="items">The names.</param>
    /// <param name="word">The word before the last.</param>
    public static string List(IReadOnlyList<string> items, string word) => items.Count < 2
        ? string.Concat(items)
        : $"{string.Join(", ", items.SkipLast(1))} {word} {items[^1]}";
}
