namespace ClusterTrust.CertSync.Planning;

/// <summary>The annotations and labels that mean something to this job.</summary>
public static class Annotations
{
    /// <summary>Set by cert-manager on every Secret it issues into: the name of the Certificate resource.</summary>
    public const string CertificateName = "cert-manager.io/certificate-name";

    /// <summary><c>"false"</c> keeps a Secret from being synced.</summary>
    public const string Enabled = "certsync.clustertrust.dev/enabled";

    /// <summary>The name wanted in the vault, instead of the one the template makes; subject to <see cref="NamePolicy"/>.</summary>
    public const string Name = "certsync.clustertrust.dev/name";

    /// <summary>The vaults wanted, by alias and separated by commas, instead of the default one.</summary>
    public const string Vault = "certsync.clustertrust.dev/vault";

    /// <summary>cert-manager's label on the Secret that holds the next private key during an issuance.</summary>
    public const string NextPrivateKeyLabel = "cert-manager.io/next-private-key";

    /// <summary>The longest value that is read, in bytes of UTF-8: several times that of any name or list of vaults.</summary>
    public const int MaximumLength = 1024;

    /// <summary>The issuer of cert-manager's temporary certificates, which stand in until the real one is issued.</summary>
    public const string TemporaryIssuer = "CN=cert-manager.local";
}
