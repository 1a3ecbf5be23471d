namespace ClusterTrust.Oidc.Repository;

/// <summary>The only private key of a file, and the sentences about it. No sentence contains more of the key than labels, ids and names of algorithms.</summary>
/// <param name="Subject">The subject of the sentences: "The deploy key '/etc/keys/key'".</param>
/// <param name="Label">The label of its BEGIN line, as in <c>OPENSSH PRIVATE KEY</c>.</param>
/// <param name="Text">The key in PEM or OpenPGP armor: its lines, each ended by a line feed.</param>
internal sealed record KeyFile(string Subject, string Label, string Text)
{
    /// <summary>The label of OpenPGP keys; all others are for SSH.</summary>
    public const string OpenPgpLabel = "PGP PRIVATE KEY BLOCK";

    /// <summary>Finds the key; line ends and indents do not matter. Other content, such as <c>EC PARAMETERS</c>, a public key or text before it, is ignored.</summary>
    /// <param name="text">Text with a private key in it, as <see cref="SecretFile.Read"/> returns it.</param>
    /// <exception cref="JobException">There is more than one, or one without its end or its blank line (exit code 2).</exception>
    public static KeyFile Of(string subject, string text)
    {
        var keys = new List<KeyFile>();
        foreach (var block in new PemScanner(Encoding.UTF8.GetBytes(text)))
        {
            if (!block.IsPrivateKey && block.Label != OpenPgpLabel)
            {
                continue;
            }

            var lines = Encoding.UTF8.GetString(block.Body).ReplaceLineEndings("\n").Split('\n').Select(static line => line.Trim());
            var key = new KeyFile(subject, block.Label, $"-----BEGIN {block.Label}-----{string.Join('\n', lines)}-----END {block.Label}-----\n");
            keys.Add(block.IsTerminated ? key : throw key.Fault("is incomplete: its END line is missing; copy the whole file"));
        }

        return keys switch
        {
            [{ Label: "DSA PRIVATE KEY" } dsa] => throw dsa.Fault("is a DSA key, which Git hosts no longer accept: use an ed25519, ECDSA or RSA key"),
            [{ LacksBlankLine: true } only] => throw only.Fault("lacks the blank line between its headers and its content: insert it, or export the key again"),
            [var only] => only,
            [] => throw new ArgumentException("There is no private key in the text.", nameof(text)),
            _ => throw keys[0].Fault($"contains {keys.Count} private keys: leave only one"),
        };
    }

    /// <param name="fault">Continues a sentence whose subject is the key, with what to do; without a full stop.</param>
    public JobException Fault(string fault, Exception? cause = null) => new($"{Subject} {fault}.", ExitCode.Usage, cause);

    public JobException PassphraseMissing() => Fault("is protected by a passphrase, and none is set: set its passphrase");

    public JobException PassphraseWrong(Exception cause) => Fault("cannot be decrypted with the configured passphrase: correct the passphrase, or copy the key again if the file is damaged", cause);

    /// <summary>The label only.</summary>
    public override string ToString() => Label;

    /// <summary>Armor headers end with a blank line; OpenPGP has one even without headers (RFC 9580, section 6.2).</summary>
    private bool LacksBlankLine
    {
        get
        {
            var lines = Text.Split('\n');
            var content = Array.FindIndex(lines, 1, static line => !line.Contains(": ", StringComparison.Ordinal));
            return content > 0 && lines[content].Length > 0 && (content > 1 || Label == OpenPgpLabel);
        }
    }
}
