using System.Text;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>The text of a signing key file, told apart by its first armor line.</summary>
internal sealed record SigningKeyText(SigningKeyKind Kind, string Text)
{
    private const string Begin = "-----BEGIN ";

    private static readonly string[] SshPublicKeyPrefixes = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];

    /// <summary>Finds out what kind of key a file holds.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <exception cref="JobException">There is no private key in it that can sign (exit code 2).</exception>
    public static SigningKeyText Parse(ReadOnlySpan<byte> content, string source)
    {
        if (content.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw SigningFault.Of(source, "is empty: put an armored OpenPGP or an OpenSSH private key there");
        }

        // An OpenPGP packet starts with a byte whose high bit is set (RFC 9580, section 4.2); no text that holds a key does.
        if (content[0] >= 0x80 && !content.StartsWith("\uFEFF"u8))
        {
            throw SigningFault.Of(source, "is binary: export it as text, with gpg --armor --export-secret-keys KEYID");
        }

        // Windows line ends are common in Secrets made by hand, and not every parser below takes them.
        var text = Encoding.UTF8.GetString(content).TrimStart('\uFEFF').ReplaceLineEndings("\n").Trim() + "\n";
        var label = LabelOf(text);
        return label switch
        {
            "PGP PRIVATE KEY BLOCK" => new SigningKeyText(SigningKeyKind.OpenPgp, text),
            "OPENSSH PRIVATE KEY" or "RSA PRIVATE KEY" or "EC PRIVATE KEY" or "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY" =>
                new SigningKeyText(SigningKeyKind.Ssh, text),
            "PGP PUBLIC KEY BLOCK" => throw SigningFault.Of(
                source, "is a public key: put the private one there, as gpg --armor --export-secret-keys KEYID writes it"),
            "PUBLIC KEY" or "RSA PUBLIC KEY" => throw PublicSshKey(source),
            null when IsSshPublicKey(text) => throw PublicSshKey(source),
            "DSA PRIVATE KEY" => throw SigningFault.Of(source, "is a DSA key, which Git hosts no longer take: use an ed25519, ECDSA or RSA key"),
            _ => throw SigningFault.Of(
                source, "holds no private key: put an armored OpenPGP private key there (it starts with -----BEGIN PGP PRIVATE KEY BLOCK-----) or an OpenSSH one"),
        };
    }

    private static string? LabelOf(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith(Begin, StringComparison.Ordinal) && trimmed.EndsWith("-----", StringComparison.Ordinal)
                && trimmed.Length > Begin.Length + 5
                && trimmed[Begin.Length..^5] is var label && !label.SequenceEqual("EC PARAMETERS"))
            {
                return label.ToString();
            }
        }

        return null;
    }

    private static bool IsSshPublicKey(string text) =>
        text.StartsWith("---- BEGIN SSH2 PUBLIC KEY ----", StringComparison.Ordinal)
        || SshPublicKeyPrefixes.Any(prefix => text.StartsWith(prefix, StringComparison.Ordinal));

    private static JobException PublicSshKey(string source) =>
        SigningFault.Of(source, "is a public key: put the private one there, the file without .pub");
}
