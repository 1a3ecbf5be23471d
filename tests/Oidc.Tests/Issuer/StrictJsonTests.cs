namespace ClusterTrust.Oidc.Tests.Issuer;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("""{"a":""", "}", 15, null), InlineData("""{"a":""", "}", 16, "is nested deeper than 16 levels")]
    [InlineData("""{"a":[""", "]}", 7, null), InlineData("""{"a":[""", "]}", 8, "is nested deeper than 16 levels")]
    public void The_depth_is_limited(string open, string close, int count, string? expected)
    {
        var json = new StringBuilder().Insert(0, open, count).Append('1').Insert((count * open.Length) + 1, close, count).ToString();
        var isRead = false;
        Assert.Equal(expected, StrictJson.Read(Encoding.UTF8.GetBytes(json), _ => isRead = true));
        Assert.Equal(expected is null, isRead);
    }

    /// <summary>Go's decoder reads "jwkſ_uri" as "jwks_uri", and a Kelvin sign as a k; readers in C end a name at U+0000. The last member is used.</summary>
    [Theory]
    [InlineData("""{"issuer":"a","jwks_uri":"b","jwkſ_uri":"evil"}""")]
    [InlineData("""{"issuer":"a","jwks_uri":"b","jwk\u017f_uri":"evil"}""")]
    [InlineData("""{"keys":[],"\u212Aeys":[]}""")]
    [InlineData("""{"keys":[{"kid":"a","\u212aid":"b"}]}""")]
    [InlineData("""{"jwks_uri":"b","jwks_uri\u0000x":"evil"}""")]
    public void A_name_that_a_reader_may_take_for_another_is_refused(string json) => Assert.Contains(
        "whose name is not printable ASCII",
        StrictJson.Read(Encoding.UTF8.GetBytes(json), static _ => throw new InvalidOperationException("It was read.")),
        StringComparison.Ordinal);

    /// <summary>What PowerShell redirects a command's output to.</summary>
    [Fact]
    public void UTF_16_is_named() => Assert.Equal(
        "starts with a byte order mark, which JSON readers refuse: save it as UTF-8 without one",
        StrictJson.Read((byte[])[.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("{}")], static _ => throw new InvalidOperationException("It was read.")));
}
