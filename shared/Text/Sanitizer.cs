using System.Text.RegularExpressions;

namespace ClusterTrust.Text;

/// <summary>
/// Makes untrusted text safe to show: one line, visible characters, bounded length, no credentials. Names, annotations, certificates and
/// messages of servers may be hostile: none of them may forge a log line, control a terminal or reveal a token.
/// </summary>
public static class Sanitizer
{
    /// <summary>The maximum length of a sanitized value in UTF-16 units, unless the caller passes another: 400.</summary>
    public const int DefaultLength = 400;

    /// <summary>The maximum length of a whole message, which may contain several values: 4,096.</summary>
    public const int MessageLength = 4096;

    // How far redaction reads beyond the maximum length: a credential that starts within it is recognized by what follows.
    private const int Lookahead = 8192;

    /// <summary>
    /// Redacts credentials; turns every run of white space and control characters (C0, C1, ESC, line and paragraph separators) into one
    /// space; writes invisible characters (bidirectional controls, zero-width and other format characters, private use, unassigned) as
    /// <c>\u202e</c>, in JSON's form; replaces lone surrogates with U+FFFD; and cuts the result. Sanitizing twice changes nothing.
    /// </summary>
    /// <param name="text">Text from anywhere; null becomes <c>(none)</c>. The time does not depend on what exceeds the maximum length by 8,192.</param>
    /// <param name="maxLength">The maximum length of the result in UTF-16 units, at least 1; a cut result ends in <c>…</c>.</param>
    public static string Sanitize(string? text, int maxLength = DefaultLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        if (text is null)
        {
            return "(none)";
        }

        var isCut = text.Length - Lookahead > maxLength;
        var redacted = Redaction.Redact(isCut ? text[..(maxLength + Lookahead)] : text);
        if (!isCut && redacted.Length <= maxLength && IsSafe(redacted))
        {
            return redacted;
        }

        if (isCut && redacted.Length <= maxLength)
        {
            // Redaction shortened it so much that the end of the text that was read is shown: its last word may be a truncated credential.
            redacted = redacted[..(redacted.AsSpan().LastIndexOfAny(' ', '\n') + 1)];
        }

        var line = ToVisible(redacted, collapsesBlanks: true);
        return isCut || line.Length > maxLength ? Cut(line, maxLength) : line;
    }

    /// <summary>A URL without user information, query and fragment, sanitized; a relative reference as it is.</summary>
    public static string Sanitize(Uri url) => Sanitize(
        url.IsAbsoluteUri ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/') : url.OriginalString);

    /// <summary>
    /// Sanitizes a line of output, or JSON text: redacts credentials and escapes characters that are invisible or control a terminal as
    /// <c>\u202e</c>, which means the same in JSON. Keeps spaces, tabs and the length: the values in it are sanitized themselves.
    /// </summary>
    public static string CleanLine(string line)
    {
        line = Redaction.Redact(line);
        return line.AsSpan().ContainsAnyExceptInRange(' ', '~') ? ToVisible(line, collapsesBlanks: false) : line;
    }

    /// <summary>A text of several lines, such as a stack trace: at most 100 lines of 1,024 characters, each sanitized, those after the first indented.</summary>
    public static string SanitizeLines(string text)
    {
        const int MaxLines = 100;
        const int MaxLineLength = 1024;
        var lines = Redaction.Redact(text.Length > MaxLines * MaxLineLength ? text[..(MaxLines * MaxLineLength)] : text).Split('\n', MaxLines + 1);
        return string.Join("\n", lines.Take(MaxLines).Select(static (line, index) => $"{(index == 0 ? "" : "   ")}{Sanitize(line, MaxLineLength)}"));
    }

    private static bool IsSafe(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange(' ', '~')
        && !text.Contains("  ", StringComparison.Ordinal)
        && text is not [' ', ..] and not [.., ' '];

    private static string ToVisible(string text, bool collapsesBlanks)
    {
        var visible = new StringBuilder(text.Length);
        var isBlankPending = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (collapsesBlanks && (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)))
            {
                isBlankPending = visible.Length > 0;
                continue;
            }

            visible.Append(isBlankPending ? " " : "");
            isBlankPending = false;
            if (rune.Value == '\t' || !IsInvisible(rune))
            {
                visible.Append(rune);
                continue;
            }

            foreach (var unit in rune.ToString())
            {
                visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
        }

        return visible.ToString();
    }

    private static string Cut(string line, int maxLength)
    {
        var kept = Math.Min(line.Length, maxLength - 1);
        kept -= kept > 0 && char.IsHighSurrogate(line[kept - 1]) ? 1 : 0;
        return line[..kept].TrimEnd() + "…";
    }

    /// <summary>Characters without width, or that control a terminal or change the order of others; letters, digits, marks, punctuation and symbols of any script stay.</summary>
    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164 or 0xFFA0
            or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);
}

/// <summary>
/// Removes what looks like a credential from text that people read. No code here writes credentials, but servers may echo what they were
/// sent in a message that is then quoted, and exceptions of libraries contain whole responses. <see cref="Sanitizer"/> applies it to
/// everything that leaves the process.
/// </summary>
public static partial class Redaction
{
    /// <summary>
    /// Replaces JSON Web Tokens, Authorization values, GitHub tokens, passwords in URLs (with http and https also a user alone, which may be
    /// a token) and private keys (as PEM, as base64 of PEM, DER or an OpenSSH key) with <c>(redacted)</c>. The time is linear in the length of
    /// the text, whatever it contains. The text may be JSON: no replacement crosses a quotation mark or splits an escape sequence.
    /// </summary>
    public static string Redact(string text) => Credential().Replace(text, "${kept}(redacted)");

    // The base64 of {" starts every JSON Web Token, and by chance occurs in one of some thousand key ids and thumbprints: only a token
    // continues after a dot. Without the lookbehind, each eyJ in a run of base64 would search the rest of the run for that dot, which is
    // quadratic. The base64 of -----BEGIN starts every PEM in a Secret; that of a DER sequence with the integer 0 or 1, or of
    // openssh-key-v1, a private key without PEM's lines: what follows 60 characters of it in the next line belongs to it. An Authorization
    // value without a digit is a word, as in "Bearer authentication". Every other alternative stops at a character that the next occurrence
    // of its own beginning contains.
    [GeneratedRegex("""
        (?<![A-Za-z0-9_-]{64})eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*
        |(?:\b|(?<=\\(?:[bfnrt]|u[0-9A-Fa-f]{4})))(?:
            (?<kept>(?:[Bb]earer|[Bb]asic)[ ]+)(?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{8,}
            |gh[opsur]_[A-Za-z0-9]{16,}
            |github_pat_[A-Za-z0-9_]{16,})
        |(?<kept>(?:http|HTTP)[sS]?://)[^\s/?\#"]+(?=@)
        |(?<kept>://)[^\s/:@"]*:[^\s/"]+(?=@)
        |(?:LS0tLS1CRUdJTi[A-Za-z0-9+/=]*
            |(?:M(?:II[A-Za-z0-9+/]{3}IBA[AD]|I[GH][A-Za-z0-9+/]AgE[AB]|[A-Z][A-Za-z0-9+/]CAQ[AE])|b3BlbnNzaC1rZXktdjEA)[A-Za-z0-9+/=]{20,})
            (?:(?<=[A-Za-z0-9+/]{60})(?:\s|\\[nrt])+[A-Za-z0-9+/=]{4,})*
        |-----BEGIN[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----(?:[^"\\]|\\[\s\S])*?(?:-----END[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----|(?=")|\\?\z)
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Credential();
}
