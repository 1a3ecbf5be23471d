using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Reads and writes PKCS#12 (RFC 7292) as Key Vault does.</summary>
internal static class PfxFile
{
    /// <summary>3DES and SHA-1 with 2,000 rounds: the form in which Key Vault gives a certificate back.</summary>
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, 2_000);

    /// <exception cref="VaultErrorException">No PFX, wrong password, or not exactly one certificate with a key.</exception>
    public static CertificateContent Read(byte[] file, string password)
    {
        var certificates = new List<X509Certificate2>();
        var keys = new List<byte[]>();
        try
        {
            var pfx = Pkcs12Info.Decode(file, out _);
            var secret = PasswordOf(pfx, password);
            foreach (var contents in pfx.AuthenticatedSafe)
            {
                if (contents.ConfidentialityMode == Pkcs12ConfidentialityMode.Password)
                {
                    contents.Decrypt(secret);
                }

                foreach (var bag in contents.GetBags())
                {
                    Collect(bag, secret, certificates, keys);
                }
            }
        }
        catch (CryptographicException)
        {
            throw VaultErrors.UnreadablePfx();
        }

        return CertificateContent.Match(certificates, keys);
    }

    /// <summary>Writes certificates and a key (PKCS#8; none when null) with an empty password.</summary>
    public static byte[] Write(IEnumerable<X509Certificate2> certificates, byte[]? privateKey)
    {
        var pfx = new Pkcs12Builder();
        var safe = new Pkcs12SafeContents();
        foreach (var certificate in certificates)
        {
            safe.AddCertificate(certificate);
        }

        pfx.AddSafeContentsEncrypted(safe, "", Encryption);
        if (privateKey is not null)
        {
            var keys = new Pkcs12SafeContents();
            keys.AddSafeBag(new Pkcs12ShroudedKeyBag(Pkcs8PrivateKeyInfo.Decode(privateKey, out _).Encrypt("", Encryption)));
            pfx.AddSafeContentsUnencrypted(keys);
        }

        pfx.SealWithMac("", HashAlgorithmName.SHA1, 2_000);
        return pfx.Encode();
    }

    /// <summary>No password is not the same as an empty one to PKCS#12's key derivation; what a caller leaves empty may be either.</summary>
    private static string? PasswordOf(Pkcs12Info pfx, string password)
    {
        if (pfx.IntegrityMode != Pkcs12IntegrityMode.Password || pfx.VerifyMac(password))
        {
            return password;
        }

        return password.Length == 0 && pfx.VerifyMac(null) ? null : throw VaultErrors.UnreadablePfx();
    }

    private static void Collect(Pkcs12SafeBag bag, string? password, List<X509Certificate2> certificates, List<byte[]> keys)
    {
        switch (bag)
        {
            case Pkcs12CertBag { IsX509Certificate: true } certificate:
                certificates.Add(certificate.GetCertificate());
                break;
            case Pkcs12ShroudedKeyBag key:
                keys.Add(Pkcs8PrivateKeyInfo.DecryptAndDecode(password, key.EncryptedPkcs8PrivateKey, out _).Encode());
                break;
        }
    }
}

/// <summary>The elliptic curves Key Vault knows.</summary>
internal static class KeyCurve
{
    /// <returns>The curve's name in a policy, or null when Key Vault does not know it.</returns>
    public static string? NameOf(ECDsa? key) => key?.ExportParameters(includePrivateParameters: false).Curve.Oid switch
    {
        { Value: "1.2.840.10045.3.1.7" } or { FriendlyName: "nistP256" or "ECDSA_P256" } => "P-256",
        { Value: "1.3.132.0.34" } or { FriendlyName: "nistP384" or "ECDSA_P384" } => "P-384",
        { Value: "1.3.132.0.35" } or { FriendlyName: "nistP521" or "ECDSA_P521" } => "P-521",
        { Value: "1.3.132.0.10" } or { FriendlyName: "secp256k1" } => "P-256K",
        _ => null,
    };
}
