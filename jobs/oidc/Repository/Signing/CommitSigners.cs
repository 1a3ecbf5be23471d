namespace ClusterTrust.Oidc.Repository.Signing;

internal static class CommitSigners
{
    /// <summary>Reads a private key file, OpenPGP or SSH by its content.</summary>
    /// <exception cref="JobException">The file cannot be read, or the key cannot sign (exit code 2).</exception>
    public static ICommitSigner Load(string keyFile, string? passphrase, TimeProvider clock, ILogger? logger = null)
    {
        var mounted = new SecretFile(keyFile, "signing key", "--signing-key", logger);
        var file = KeyFile.Of(mounted.Subject, mounted.Read(FileKind.SshPrivateKey, FileKind.PgpPrivateKey));
        return file.Label == KeyFile.OpenPgpLabel ? OpenPgpSigner.Open(file, passphrase, clock) : SshSigner.Open(file, passphrase);
    }
}
