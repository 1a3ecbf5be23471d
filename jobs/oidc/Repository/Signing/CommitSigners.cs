using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>Loads the key that signs commits.</summary>
public static class CommitSigners
{
    /// <summary>Reads a private key file, OpenPGP or SSH by its content.</summary>
    /// <param name="keyFile">Path of the private key.</param>
    /// <param name="passphrase">The passphrase that protects the key, or null.</param>
    /// <param name="passphraseFile">Path of a file with the passphrase, whose last line end does not count; or null. Only where <paramref name="passphrase"/> is null.</param>
    /// <param name="clock">The time for expiry and for OpenPGP signatures.</param>
    /// <exception cref="JobException">A file cannot be read, or the key cannot sign (exit code 2).</exception>
    public static ICommitSigner Load(string keyFile, string? passphrase, string? passphraseFile, TimeProvider clock)
    {
        var key = SigningKeyText.Parse(SecretFile.Read(keyFile, "signing key", "--signing-key"), keyFile);
        var secret = passphrase
            ?? (passphraseFile is null ? null : SecretFile.ReadLine(passphraseFile, "passphrase of the signing key", "--signing-key-passphrase-file"));
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
}
