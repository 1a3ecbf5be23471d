namespace ClusterTrust.Shared.Tests.Hosting.Settings;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("0", "00:00:00"), InlineData("24h", "1.00:00:00"), InlineData("1h30m", "01:30:00")]
    [InlineData("1.5h", "01:30:00"), InlineData("250ms", "00:00:00.250"), InlineData("7d", "7.00:00:00")]
    public void Go_durations_and_days_are_parsed(string text, string value)
    {
        Assert.True(DurationText.TryParse(text, out var parsed));
        Assert.Equal(TimeSpan.Parse(value, System.Globalization.CultureInfo.InvariantCulture), parsed);
    }

    public static TheoryData<string> Invalid =>
    [
        "", "5", "h", "1w", "-1h", "1h30", "1,5h", "1..5h", "01:00:00", "999999999999999d",
        "99999999999999999999999999999999h",
    ];

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Everything_else_is_invalid(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public void A_formatted_duration_is_parsed_again() => Gen.Long[0, 1_000_000_000_000].Sample(milliseconds =>
    {
        var value = TimeSpan.FromMilliseconds(milliseconds);
        return DurationText.TryParse(DurationText.Format(value), out var parsed) && parsed == value;
    });

    [Fact]
    public void It_never_throws() => Gen.String[Gen.Char["0123456789.:hmsd -"], 0, 30].Sample(text =>
        !DurationText.TryParse(text, out var value) || value >= TimeSpan.Zero);
}
