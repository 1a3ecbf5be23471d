using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClusterTrust.Hosting.Settings;

/// <summary>
/// Durations as Go and Kubernetes write them: <c>24h</c>, <c>1h30m</c>, <c>1.5h</c>, <c>250ms</c>, <c>0</c>; also <c>7d</c>,
/// and a plain <c>hh:mm:ss</c>. Never negative.
/// </summary>
public static class DurationText
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Name, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="value">The duration.</param>
    /// <returns>False when the text is no duration, is negative, or is longer than a <see cref="TimeSpan"/> can be.</returns>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest is "0")
        {
            return true;
        }

        if (rest.Contains(':'))
        {
            return TimeSpan.TryParseExact(rest, ["c", @"h\:mm\:ss", @"h\:mm"], CultureInfo.InvariantCulture, out value)
                && value >= TimeSpan.Zero;
        }

        decimal ticks = 0;
        var isDuration = !rest.IsEmpty;
        while (isDuration && !rest.IsEmpty)
        {
            isDuration = TryReadPart(ref rest, out var part);
            ticks += part;
            isDuration &= ticks <= TimeSpan.MaxValue.Ticks;
        }

        value = isDuration ? TimeSpan.FromTicks((long)ticks) : TimeSpan.Zero;
        return isDuration;
    }

    /// <summary>Writes a duration so that <see cref="TryParse"/> reads it back, to the millisecond: <c>1h30m</c>.</summary>
    /// <param name="value">A duration that is not negative.</param>
    public static string Format(TimeSpan value)
    {
        if (value < TimeSpan.FromMilliseconds(1))
        {
            return "0";
        }

        var text = new StringBuilder();
        Append((long)value.TotalHours, "h");
        Append(value.Minutes, "m");
        Append(value.Seconds, "s");
        Append(value.Milliseconds, "ms");
        return text.ToString();

        void Append(long count, string unit)
        {
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
            }
        }
    }

    private static bool TryReadPart(ref ReadOnlySpan<char> rest, out decimal ticks)
    {
        ticks = 0;
        var digits = rest.IndexOfAnyExcept(NumberCharacters);
        if (digits <= 0
            || digits > 15
            || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        rest = rest[digits..];
        foreach (var (name, length) in Units)
        {
            if (rest.StartsWith(name, StringComparison.Ordinal))
            {
                rest = rest[name.Length..];
                ticks = number * length;
                return true;
            }
        }

        return false;
    }
}
