using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>Loads the key that signs commits.</summary>
public static class CommitSigners
{
    // Far above any key, and low enough for a path that points at something else altogether.
    private const int MaxKeyBytes = 1024 * 1024;

    /// <summary>Reads a private key file, OpenPGP or SSH by its content.</summary>
    /// <param name="keyFile">Path of the private key.</param>
    /// <param name="passphrase">The passphrase that protects the key, or null.</param>
    /// <param name="passphraseFile">Path of a file with the passphrase, whose last line end does not count; or null. Only where <paramref name="passphrase"/> is null.</param>
    /// <param name="clock">The time for expiry and for OpenPGP signatures.</param>
    /// <exception cref="JobException">A file cannot be read, or the key cannot sign (exit code 2).</exception>
    public static ICommitSigner Load(string keyFile, string? passphrase, string? passphraseFile, TimeProvider clock)
    {
        var key = SigningKeyText.Parse(ReadFile(keyFile, "signing key"), keyFile);
        var secret = passphrase ?? (passphraseFile is null ? null : ReadPassphrase(passphraseFile));
        return Read(key, secret, keyFile, clock);
    }

    /// <summary>Understands a private key that is already in memory.</summary>
    /// <param name="content">The key file's bytes.</param>
    /// <param name="passphrase">The passphrase that protects the key, or null.</param>
    /// <param name="source">What to call the key in messages.</param>
    /// <param name="clock">The time for expiry and for OpenPGP signatures.</param>
    /// <exception cref="JobException">The key cannot sign (exit code 2).</exception>
    public static ICommitSigner Read(ReadOnlySpan<byte> content, string? passphrase, string source, TimeProvider clock) =>
        Read(SigningKeyText.Parse(content, source), passphrase, source, clock);

    private static ICommitSigner Read(SigningKeyText key, string? passphrase, string source, TimeProvider clock)
    {
        // A Secret's key may be there and hold nothing: no passphrase, and not an empty one.
        var secret = string.IsNullOrEmpty(passphrase) ? null : passphrase;
        return key.Kind == SigningKeyKind.OpenPgp
            ? OpenPgpSigner.Read(key.Text, secret, source, clock)
            : SshSigner.Read(key.Text, secret, source);
    }

    private static string ReadPassphrase(string path)
    {
        var text = System.Text.Encoding.UTF8.GetString(ReadFile(path, "passphrase of the signing key"));
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    private static byte[] ReadFile(string path, string what)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxKeyBytes)
            {
                throw Unreadable("it is too large to be one");
            }

            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.ToArray();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(
                unreadable switch
                {
                    FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                    UnauthorizedAccessException => "this user may not read it, or it is a folder",
                    _ => "reading failed",
                },
                unreadable);
        }

        JobException Unreadable(string why, Exception? cause = null) =>
            new($"The {what} cannot be read from {path}: {why}; check the path and that the Secret is mounted there.", ExitCode.Usage, cause);
    }
}
