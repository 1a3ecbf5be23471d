namespace ClusterTrust.Shared.Tests.Text;

public sealed class RedactionTests
{
    private const string Dashes = "-----";

    [Theory]
    [InlineData("key 'G_mx76ijlKhX8kq9WlSpZpRgeyJaUTZyO6aB-cD_0xy'.", "key 'G_mx76ijlKhX8kq9WlSpZpRgeyJaUTZyO6aB-cD_0xy'.")]
    [InlineData("Authorization: Bearer abc123def456, x", "Authorization: Bearer (redacted), x"), InlineData("Basic dXNlcjpwYXNzd29yZDE=", "Basic (redacted)")]
    [InlineData("the scheme is Bearer authentication", "the scheme is Bearer authentication"), InlineData("token ghp_0123456789abcdefghij.", "token (redacted).")]
    [InlineData("https://user:word@host/path", "https://(redacted)@host/path"), InlineData("https://token4711@dev.azure.com/o/_git/r", "https://(redacted)@dev.azure.com/o/_git/r")]
    [InlineData("proxy http://me:p@ss:w@proxy:3128, amqp://me:p@ss@host", "proxy http://(redacted)@proxy:3128, amqp://(redacted)@host")]
    [InlineData("https://host?mail=a@b https://host:443,c d@e", "https://host?mail=a@b https://host:443,c d@e"), InlineData("ssh://git@host:22/owner/name.git and https://host:443/a@b", "ssh://git@host:22/owner/name.git and https://host:443/a@b")]
    [InlineData("{\"a\":\"" + Dashes + "BEGIN RSA PRIVATE KEY" + Dashes + "\\nMIIE\\n" + Dashes + "END RSA PRIVATE KEY" + Dashes + "\",\"b\":1}", "{\"a\":\"(redacted)\",\"b\":1}")]
    [InlineData("{\"a\":\"" + Dashes + "BEGIN PRIVATE KEY" + Dashes + "\\nMIIE\",\"b\":1}", "{\"a\":\"(redacted)\",\"b\":1}")]
    [InlineData("\"tls.key\":\"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUU=\",\"a\":1", "\"tls.key\":\"(redacted)\",\"a\":1")]
    [InlineData("names 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEH', a", "names '(redacted)', a"), InlineData("MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq", "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq")]
    [InlineData("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC MIIEpAIBAAKCAQEAxXW2PHAm0b1zpZZk MHcCAQEEIFk+yvtbF3h6vJ0P2Qd3uY/x", "(redacted) (redacted) (redacted)")]
    [InlineData("k: b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2g\\ntZWQyNTUxOQAAACB=\n, MHcCAQEEIFk+yvtbF3h6vJ0P2Qd3uY/xMHcCAQEEIFk+yvtbF3h6vJ0P2Qd3\n qqqq not", "k: (redacted)\n, (redacted) not")]
    [InlineData("a eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln b", "a (redacted) b"), InlineData("access_token_eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "access_token_(redacted)"), InlineData("nothing to hide", "nothing to hide")]
    public void Credentials_are_redacted(string text, string shown) => Assert.Equal(shown, Redaction.Redact(text));

    public static TheoryData<string> Beginnings =>
    [
        "eyJ", "eyJabcdefgh", "eyJabcdefgh.", "eyJabcdefgh.abcdefg ", "://", "https://", "https://a", "://a:b", ":", "://:", "@", "Bearer ",
        "Bearer x", "Basic=", " ", "ghp_", "ghp_0123456789abcde_", "github_pat_", "LS0tLS1CRUdJTi", "LS0tLS1CRUdJTi ", "MHcCAQE", "MIGHAgEA",
        Dashes + "BEGIN ", Dashes + "BEGIN PRIVATE KEY", Dashes + "BEGIN PRIVATE KEY" + Dashes,
        Dashes + "BEGIN PRIVATE KEY" + Dashes + "\"", Dashes + "END ", "PRIVATE KEY ", "-", "AAAA", "a-", "\uD800", "\u202E",
    ];

    /// <summary>
    /// Beginnings of credentials that never end, and runs that look like one: each may make a careless pattern search the rest again from
    /// every place. 64 times the length may take 64 times as long, not 4,096 times.
    /// </summary>
    [Theory]
    [MemberData(nameof(Beginnings))]
    public void Time_is_linear_whatever_the_text_contains(string part)
    {
        foreach (var prefix in new[] { "", "eyJ", "Bearer ", "://", "://a:", "https://", Dashes + "BEGIN ", Dashes + "BEGIN PRIVATE KEY" + Dashes })
        {
            _ = Redaction.Redact(Repeat(prefix, part, 4096));
            var (once, longer) = (Repeat(prefix, part, 8 * 1024), Repeat(prefix, part, 512 * 1024));
            var ratio = ThreadTime.Ratio(() => Redaction.Redact(longer), () => Redaction.Redact(once), bound: 640);
            Assert.True(ratio < 640, $"'{prefix}' + n * '{part}': 64 times the length takes {ratio:0.0} times as long");
        }
    }

    private static string Repeat(string prefix, string part, int length) =>
        (prefix + string.Concat(Enumerable.Repeat(part, (length / part.Length) + 1)))[..length];
}
