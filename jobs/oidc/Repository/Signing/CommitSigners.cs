using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

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
        var file = KeyFile.Read($"The signing key '{Shown.Of(keyFile)}'", SecretFile.Read(keyFile, "signing key", "--signing-key"));
        var key = file.OnlyPrivateKey();
        var secret = passphrase
            ?? (passphraseFile is null ? null : SecretFile.ReadLine(passphraseFile, "passphrase of the signing key", "--signing-key-passphrase-file"));

        // A Secret's key may be there and hold nothing: no passphrase, and not an empty one.
        secret = string.IsNullOrEmpty(secret) ? null : secret;
        return key.Label == "PGP PRIVATE KEY BLOCK" ? OpenPgpSigner.Open(file, key, secret, clock) : SshSigner.Open(file, key, secret);
    }
}
