namespace ClusterTrust.Shared.Tests.Text;

public sealed class SanitizerTests
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";

    [Theory]
    [InlineData(null, "(none)")]
    [InlineData("", "")]
    [InlineData("shop/web-tls", "shop/web-tls")]
    [InlineData("Müller & Söhne, 株式会社 – €5", "Müller & Söhne, 株式会社 – €5")]
    [InlineData("  a \t\r\n b  ", "a b")]
    [InlineData("a\u001b[31mb\u0000\u0007\u007f\u0085\u009bc", "a [31mb c")]
    [InlineData("a\u2028b\u2029c\u00a0d\u3000e", "a b c d e")]
    [InlineData("a\u202eb\u2066c\u2069\u200f", "a\\u202eb\\u2066c\\u2069\\u200f")]
    [InlineData("a\u200bb\u200dc\u2060d\ufeff\u00ad\u034f\u3164\u2800", "a\\u200bb\\u200dc\\u2060d\\ufeff\\u00ad\\u034f\\u3164\\u2800")]
    [InlineData("a\U000e0041\ue000", "a\\udb40\\udc41\\ue000")]
    [InlineData("token " + Token + "\nnext", "token (redacted) next")]
    [InlineData("Bearer abc123def456", "Bearer (redacted)")]
    public void Text_becomes_one_visible_line_without_credentials(string? text, string shown) => Assert.Equal(shown, Sanitizer.Sanitize(text));

    [Fact]
    public void Lone_surrogates_become_replacement_characters() =>
        Assert.Equal("a\uFFFDb\uFFFD\U0001F600", Sanitizer.Sanitize(string.Concat("a", "\uD83D", "b", "\uDE00", "\U0001F600")));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abc def", 5, "abc…")]
    [InlineData("abc\U0001F600def", 5, "abc…")]
    [InlineData("abc\U0001F600", 5, "abc\U0001F600")]
    [InlineData("abcdef", 1, "…")]
    public void The_length_is_bounded(string text, int maxLength, string shown) => Assert.Equal(shown, Sanitizer.Sanitize(text, maxLength));

    [Fact]
    public void Whatever_the_text_the_result_is_visible_bounded_and_stable() => Gen.Select(
        Gen.OneOf(
            Gen.String[0, 600],
            Gen.String[Gen.Char["aB \"\\\n\t\0é–\u2028\uE000\uD83D\uDE00\u202E\u200B\u001B…"], 0, 600],
            Gen.String[Gen.Char["aé \u202E"], 0, 20_000]),
        Gen.Int[1, 500]).Sample((text, maxLength) =>
        {
            var shown = Sanitizer.Sanitize(text, maxLength);
            return shown.Length <= maxLength
                && shown.EnumerateRunes().All(IsVisible)
                && shown == shown.Trim()
                && Sanitizer.Sanitize(shown, maxLength) == shown;
        });

    /// <summary>Wherever the text is cut, no part of a credential that stands in it is left but the characters before its first eight.</summary>
    [Fact]
    public void No_part_of_a_credential_remains_at_a_cut()
    {
        var key = string.Concat("-----BEGIN", " PRIVATE KEY-----\n", string.Concat(Enumerable.Repeat("MIISECRET0123456789\n", 200)), "-----END", " PRIVATE KEY-----");
        foreach (var secret in new[] { $"https://user:SECRET{new string('x', 500)}@host/", $"Bearer SECRET{new string('1', 3000)}", key, $"eyJ{new string('a', 300)}.SECRET{new string('a', 3000)}.SECRET" })
        {
            for (var before = 0; before < 9000; before += 97)
            {
                var text = string.Concat(new string('b', before), " ", secret, new string(' ', 20_000));
                Assert.DoesNotContain("SECRET", Sanitizer.Sanitize(text, 400), StringComparison.Ordinal);
                Assert.DoesNotContain("SECRET", Sanitizer.Sanitize(string.Concat(Token, text), 8000), StringComparison.Ordinal);
            }
        }

        // So many credentials that little is left of them, and half of one at the end of what is looked at.
        for (var shift = 0; shift < 120; shift++)
        {
            var many = new string(' ', shift) + string.Concat(Enumerable.Repeat($"https://user:SECRET{new string('y', 90)}@h ", 1000));
            Assert.DoesNotContain("SECRET", Sanitizer.Sanitize(many, 4000), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://user:word@example.com:8443/a/b/?q=1#f", "https://example.com:8443/a/b")]
    [InlineData("https://example.com/", "https://example.com")]
    public void A_URL_is_shown_without_user_query_and_fragment(string url, string shown) => Assert.Equal(shown, Sanitizer.Sanitize(new Uri(url)));

    [Fact]
    public void A_line_of_JSON_means_the_same_after_it_was_cleaned() => Gen.OneOf(
        Gen.String[0, 200],
        Gen.String[Gen.Char["aB1 \"\\\n\t\0é\u2028\uE000\u202E\u200B\u001B"], 0, 200]).Sample(value =>
        {
            var json = JsonSerializer.Serialize(value, Relaxed);
            var clean = Sanitizer.CleanLine(json);
            return clean.All(static unit => unit is >= ' ' and not (>= '\x7f' and <= '\xa0') and not '\u202E' and not '\u200B' and not '\u2028')
                && JsonSerializer.Deserialize<string>(clean) == JsonSerializer.Deserialize<string>(json);
        });

    [Theory]
    [InlineData("\nBearer abc123def456")]
    [InlineData("\u0085ghp_0123456789abcdefghij")]
    [InlineData("x\\nghp_0123456789abcdefghij")]
    [InlineData("https://a:b\\\"c@d https://user:pass123word@host")]
    [InlineData("-----BEGIN" + " RSA PRIVATE KEY-----\nMIIE0123\\")]
    [InlineData("-----BEGIN" + " RSA PRIVATE KEY-----\nMIIE0123\\\"\\")]
    public void Credentials_in_JSON_are_redacted_and_it_stays_JSON(string value)
    {
        var clean = Sanitizer.CleanLine($$"""{"a":{{JsonSerializer.Serialize(value, Relaxed)}},"b":1}""");
        Assert.Contains("(redacted)", JsonDocument.Parse(clean).RootElement.GetProperty("a").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("123", clean, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stack_trace_keeps_its_lines_and_nothing_in_it_looks_like_a_line_of_its_own()
    {
        Assert.Equal("a\n   at b\n   12:00:00 error forged", Sanitizer.SanitizeLines("a\r\n   at b\n12:00:00\terror forged"));
        Assert.Equal("x (redacted)", Sanitizer.SanitizeLines("x -----BEGIN" + " PRIVATE KEY-----\nMIIE\n" + string.Concat(Enumerable.Repeat("AAAA\n", 1000))));
        Assert.InRange(Sanitizer.SanitizeLines(new string('\n', 1_000_000)).Length, 0, 500);
    }

    private static bool IsVisible(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
