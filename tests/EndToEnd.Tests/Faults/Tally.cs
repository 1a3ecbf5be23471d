using System.Collections.Concurrent;
using System.Globalization;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Counts what was tried, over all tests of this process; written to the file that <c>TALLY</c> names, a line each.</summary>
internal static class Tally
{
    private static readonly ConcurrentDictionary<string, int> Counts = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    /// <summary>Counts.</summary>
    /// <param name="what">Such as <c>faults</c>, <c>kills</c>.</param>
    /// <param name="count">How many more.</param>
    public static void Add(string what, int count = 1)
    {
        Counts.AddOrUpdate(what, count, (_, had) => had + count);
        if (Environment.GetEnvironmentVariable("TALLY") is { Length: > 0 } path)
        {
            lock (Gate)
            {
                File.WriteAllLines(path, Counts.OrderBy(static entry => entry.Key, StringComparer.Ordinal)
                    .Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value}")));
            }
        }
    }
}
