namespace ClusterTrust.CertSync.Planning;

public static class Annotations
{
    /// <summary>The maximum length of a tenant's text in a message, in characters.</summary>
    private const int LongestQuote = 100;

    /// <summary>Set by cert-manager on every Secret it issues into: the name of the Certificate resource.</summary>
    public const string CertificateName = "cert-manager.io/certificate-name";

    /// <summary><c>"false"</c> excludes a Secret from the sync; a value that is neither true nor false is refused.</summary>
    public const string Enabled = "certsync.clustertrust.dev/enabled";

    /// <summary>The name in the vault, instead of the template's; subject to <see cref="SyncPolicy.Grants"/>.</summary>
    public const string Name = "certsync.clustertrust.dev/name";

    /// <summary>The vaults by alias, separated by commas, instead of the default vault.</summary>
    public const string Vault = "certsync.clustertrust.dev/vault";

    /// <summary>The TLS endpoints that serve the certificate, <c>HOST[:PORT]</c> separated by commas, for <c>verify</c>.</summary>
    public const string Endpoints = "certsync.clustertrust.dev/endpoints";

    /// <summary>cert-manager's label on the Secret that holds the next private key during an issuance.</summary>
    public const string NextPrivateKeyLabel = "cert-manager.io/next-private-key";

    /// <summary>The longest value that is read, in bytes of UTF-8: several times that of any name or list of vaults.</summary>
    public const int MaximumLength = 1024;

    /// <summary>The issuer of the temporary certificates that cert-manager stores until the real one is issued.</summary>
    public const string TemporaryIssuer = "CN=cert-manager.local";

    /// <summary>A tenant's text for a message, sanitized and cut.</summary>
    public static string Quote(string text) => Sanitizer.Sanitize(text, LongestQuote);
}
