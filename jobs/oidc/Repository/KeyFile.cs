using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository;

/// <summary>The text of a private key's file, and the sentences about it. No sentence contains anything of the key but labels, ids and names of algorithms.</summary>
/// <param name="Subject">The subject of the sentences: "The deploy key '/etc/keys/key'".</param>
/// <param name="Text">The file's text, its lines separated by line feeds and without white space around them.</param>
internal sealed record KeyFile(string Subject, string Text)
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";

    private static readonly string[] PublicKeyPrefixes = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "---- BEGIN SSH2 PUBLIC KEY"];

    /// <summary>Splits a file's content into lines; line ends and indents do not matter.</summary>
    public static KeyFile Of(string subject, string text) =>
        new(subject, string.Join('\n', text.Trim().ReplaceLineEndings("\n").Split('\n').Select(static line => line.Trim())) + "\n");

    /// <summary>
    /// The only private key in the file. Other content, such as <c>EC PARAMETERS</c>, a public key or text before it, is ignored.
    /// </summary>
    /// <exception cref="JobException">There is none, more than one, or one without its end or its blank line (exit code 2).</exception>
    public ArmoredKey OnlyPrivateKey()
    {
        var keys = new List<ArmoredKey>();
        var publicKey = IsPublicLine(Text) ? "PUBLIC KEY" : null;
        var lines = Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Begin, StringComparison.Ordinal) || !lines[i].EndsWith("-----", StringComparison.Ordinal) || lines[i].Length < Begin.Length + 5)
            {
                continue;
            }

            var label = lines[i][Begin.Length..^5];
            var end = Array.IndexOf(lines, $"{End}{label}-----", i);
            if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal) || label == "PGP PRIVATE KEY BLOCK")
            {
                keys.Add(end > 0 ? Armored(label, lines[i..(end + 1)]) : throw Fault("is incomplete: its END line is missing; copy the whole file"));
            }
            else if (label.Contains("PUBLIC KEY", StringComparison.Ordinal))
            {
                publicKey ??= label;
            }

            i = Math.Max(i, end);
        }

        return keys switch
        {
            [{ Label: "DSA PRIVATE KEY" }] => throw Fault("is a DSA key, which Git hosts no longer accept: use an ed25519, ECDSA or RSA key"),
            [var only] => only,
            [] => throw Fault(publicKey switch
            {
                null => "contains no private key: use the file that ssh-keygen or gpg --armor --export-secret-keys wrote, with its BEGIN and END lines",
                "PGP PUBLIC KEY BLOCK" => "is a public key: use the private key, as gpg --armor --export-secret-keys KEYID writes it",
                _ => "is a public key: use the private key, the file without .pub",
            }),
            _ => throw Fault($"holds {keys.Count} private keys: leave only one"),
        };
    }

    /// <param name="fault">Continues a sentence whose subject is the key, and says what to do; without a full stop.</param>
    public JobException Fault(string fault, Exception? cause = null) => new($"{Subject} {fault}.", ExitCode.Usage, cause);

    /// <summary>The passphrase is needed and not configured.</summary>
    public JobException PassphraseMissing() => Fault("is protected by a passphrase, and none is set: set its passphrase");

    /// <summary>The passphrase does not open the key.</summary>
    public JobException PassphraseWrong(Exception cause) => Fault("cannot be decrypted with the configured passphrase: correct the passphrase", cause);

    private static bool IsPublicLine(string text) =>
        PublicKeyPrefixes.Any(prefix => text.StartsWith(prefix, StringComparison.Ordinal));

    private ArmoredKey Armored(string label, string[] lines)
    {
        // Armor headers end with a blank line; OpenPGP has one even without headers (RFC 9580, section 6.2).
        var content = Array.FindIndex(lines, 1, static line => !line.Contains(": ", StringComparison.Ordinal));
        return content > 0 && lines[content].Length > 0 && (content > 1 || label == "PGP PRIVATE KEY BLOCK")
            ? throw Fault("lacks the blank line between its headers and its content: insert it, or export the key again")
            : new ArmoredKey(label, string.Join('\n', lines) + "\n");
    }
}

/// <summary>A private key in PEM or OpenPGP armor, with nothing before and after it.</summary>
/// <param name="Label">The label of its BEGIN line, as in <c>OPENSSH PRIVATE KEY</c>.</param>
/// <param name="Text">Its lines, each ended by a line feed.</param>
internal sealed record ArmoredKey(string Label, string Text)
{
    public override string ToString() => Label;
}
