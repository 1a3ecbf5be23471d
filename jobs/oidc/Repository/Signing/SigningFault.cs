using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>Words what is wrong with a signing key. No sentence carries anything of the key file's content but key ids and algorithm names.</summary>
internal static class SigningFault
{
    /// <param name="source">Where the key comes from, as the user named it: a path.</param>
    /// <param name="fault">Continues a sentence whose subject is the key, and says what to do.</param>
    /// <param name="cause">The technical cause.</param>
    public static JobException Of(string source, string fault, Exception? cause = null) =>
        new($"The signing key {source} {fault}.", ExitCode.Usage, cause);

    public static JobException PassphraseMissing(string source) =>
        Of(source, "is protected by a passphrase and none is configured: set the passphrase of the signing key");

    public static JobException PassphraseWrong(string source, Exception cause) =>
        Of(source, "cannot be opened with the configured passphrase: correct the passphrase of the signing key", cause);
}
