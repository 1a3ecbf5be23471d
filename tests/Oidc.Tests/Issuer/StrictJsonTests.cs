namespace ClusterTrust.Oidc.Tests.Issuer;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("""{"a":""", "}", 15, null)]
    [InlineData("""{"a":""", "}", 16, "is nested deeper than 16 levels")]
    [InlineData("""{"a":""", "}", 10_000, "is nested deeper than 16 levels")]
    [InlineData("""{"a":[""", "]}", 7, null)]
    [InlineData("""{"a":[""", "]}", 8, "is nested deeper than 16 levels")]
    [InlineData("""{"a":[""", "]}", 5_000, "is nested deeper than 16 levels")]
    public void The_depth_is_limited(string open, string close, int count, string? expected)
    {
        var json = new StringBuilder().Insert(0, open, count).Append('1').Insert((count * open.Length) + 1, close, count).ToString();

        var isRead = false;
        Assert.Equal(expected, StrictJson.Read(Encoding.UTF8.GetBytes(json), _ => isRead = true));
        Assert.Equal(expected is null, isRead);
    }

    /// <summary>What PowerShell redirects a command's output to.</summary>
    [Fact]
    public void UTF_16_is_named() => Assert.Equal(
        "starts with a byte order mark, which JSON readers refuse: save it as UTF-8 without one",
        StrictJson.Read((byte[])[.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("{}")], static _ => throw new InvalidOperationException("It was read.")));
}
