using System.Text.RegularExpressions;

namespace ClusterTrust.Text;

/// <summary>
/// Removes what looks like a credential from text that people read. No code here writes credentials, but servers may echo what they were
/// sent in a message that is then quoted, and exceptions of libraries contain whole responses. <see cref="Sanitizer"/> applies it to
/// everything that leaves the process.
/// </summary>
public static partial class Redaction
{
    private const string Replacement = "${kept}(redacted)";

    /// <summary>
    /// Replaces JSON Web Tokens, Authorization values, GitHub tokens, passwords in URLs and private keys (as PEM, or base64 as in a Secret)
    /// with <c>(redacted)</c>. The time is linear in the length of the text, whatever it contains. The text may be JSON: no replacement
    /// crosses a quotation mark or splits an escape sequence.
    /// </summary>
    public static string Redact(string text) => Credential().Replace(text, Replacement);

    // The base64 of {" starts every JSON Web Token, and by chance occurs in one of some thousand key ids and thumbprints: only a token
    // continues after a dot. Without the lookbehind, each eyJ in a run of base64 would search the rest of the run for that dot, which is
    // quadratic. The base64 of -----BEGIN starts every PEM in a Secret. An Authorization value without a digit is a word, as in "Bearer
    // authentication". Every other alternative stops at a character that the next occurrence of its own beginning contains.
    [GeneratedRegex("""
        (?<![A-Za-z0-9_-]{64})eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*
        |(?:\b|(?<=\\(?:[bfnrt]|u[0-9A-Fa-f]{4})))(?:
            (?<kept>(?:[Bb]earer|[Bb]asic)[ ]+)(?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{8,}
            |gh[opsur]_[A-Za-z0-9]{16,}
            |github_pat_[A-Za-z0-9_]{16,})
        |(?<kept>://)[^\s/:@"]*:[^\s/@"]+(?=@)
        |LS0tLS1CRUdJTi[A-Za-z0-9+/=]*
        |-----BEGIN[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----(?:[^"\\]|\\[\s\S])*?(?:-----END[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----|(?=")|\\?\z)
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Credential();
}
