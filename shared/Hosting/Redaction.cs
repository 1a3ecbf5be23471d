using System.Text.RegularExpressions;

namespace ClusterTrust.Hosting;

/// <summary>
/// Takes what looks like a credential out of text that goes to people. Nothing here writes credentials, but servers may send back what
/// they were sent, in a message that is then quoted, and exceptions of libraries hold whole answers.
/// </summary>
public static partial class Redaction
{
    /// <summary>The text with <c>(redacted)</c> in the place of JSON Web Tokens, Authorization values, GitHub tokens, passwords in URLs and private keys, also as a Secret has them.</summary>
    public static string Of(string text) => Credential().Replace(text, "${stays}(redacted)");

    // The base64 of {" begins every JSON Web Token, and by chance stands within one key id or thumbprint of some thousand: only a token goes
    // on after a dot. That of -----BEGIN begins every PEM in a Secret. An Authorization value without a digit is a word such as "Bearer authentication".
    [GeneratedRegex("""
        eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*
        |\b(?<stays>(?:[Bb]earer|[Bb]asic)[ ]+)(?=[^\s"',;]*[0-9])[A-Za-z0-9._~+/=-]{8,}
        |\b(?:gh[opsur]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,})
        |(?<stays>://)[^\s/:@"]*:[^\s/@"]+(?=@)
        |LS0tLS1CRUdJTi[A-Za-z0-9+/=]*
        |-----BEGIN[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----[^"]*?(?:-----END[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----|(?=")|\z)
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Credential();
}
