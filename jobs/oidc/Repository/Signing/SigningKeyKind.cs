namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>What a signing key file turns out to hold.</summary>
internal enum SigningKeyKind
{
    /// <summary>An armored OpenPGP private key, as <c>gpg --armor --export-secret-keys</c> writes it.</summary>
    OpenPgp,

    /// <summary>A private key that OpenSSH reads: its own format, PKCS#1, SEC 1 or PKCS#8.</summary>
    Ssh,
}
