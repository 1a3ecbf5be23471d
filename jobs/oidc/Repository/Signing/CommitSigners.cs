using ClusterTrust.Hosting;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc.Repository.Signing;

internal static class CommitSigners
{
    /// <summary>Reads a private key file, OpenPGP or SSH by its content.</summary>
    /// <param name="passphraseFile">Path of a file with the passphrase, whose last line end does not count; or null. Only where <paramref name="passphrase"/> is null.</param>
    /// <exception cref="JobException">A file cannot be read, or the key cannot sign (exit code 2).</exception>
    public static ICommitSigner Load(string keyFile, string? passphrase, string? passphraseFile, TimeProvider clock, ILogger? logger = null)
    {
        var mounted = new SecretFile(keyFile, "signing key", "--signing-key", logger);
        var file = KeyFile.Of(mounted.Subject, mounted.Read(FileKind.SshPrivateKey, FileKind.PgpPrivateKey));
        var secret = passphrase
            ?? (passphraseFile is null ? null : new SecretFile(passphraseFile, "passphrase of the signing key", "--signing-key-passphrase-file").ReadPassphrase());

        // An empty key of a Secret means no passphrase.
        secret = string.IsNullOrEmpty(secret) ? null : secret;
        return file.Label == KeyFile.OpenPgpLabel ? OpenPgpSigner.Open(file, secret, clock) : SshSigner.Open(file, secret);
    }
}
