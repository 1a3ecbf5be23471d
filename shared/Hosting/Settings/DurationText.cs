using System.Text.RegularExpressions;

namespace ClusterTrust.Hosting.Settings;

/// <summary>Durations as Go and Kubernetes write them: <c>24h</c>, <c>1h30m</c>, <c>1.5h</c>, <c>250ms</c>, <c>0</c>; also <c>7d</c>. Never negative.</summary>
internal static partial class DurationText
{
    /// <returns>False when the text is no duration, is negative, or is longer than a <see cref="TimeSpan"/> can be.</returns>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        text = text.Trim();
        var match = Parts().Match(text);
        decimal ticks = 0;
        for (var i = 0; i < match.Groups["unit"].Captures.Count; i++)
        {
            if (!decimal.TryParse(match.Groups["count"].Captures[i].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                || (ticks += count * TicksOf(match.Groups["unit"].Captures[i].Value)) > TimeSpan.MaxValue.Ticks)
            {
                return false;
            }
        }

        value = TimeSpan.FromTicks((long)ticks);
        return match.Success || text == "0";
    }

    /// <summary>Formats a duration so that <see cref="TryParse"/> reads it back, to the millisecond: <c>1h30m</c>.</summary>
    public static string Format(TimeSpan value)
    {
        (long Count, string Unit)[] parts = [((long)value.TotalHours, "h"), (value.Minutes, "m"), (value.Seconds, "s"), (value.Milliseconds, "ms")];
        var text = string.Concat(parts.Where(static part => part.Count > 0).Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part.Count}{part.Unit}")));
        return text.Length == 0 ? "0" : text;
    }

    private static long TicksOf(string unit) => unit switch
    {
        "d" => TimeSpan.TicksPerDay,
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        _ => TimeSpan.TicksPerMillisecond,
    };

    [GeneratedRegex(@"\A(?:(?<count>[0-9.]{1,15})(?<unit>ms|[dhms]))+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
