namespace ClusterTrust.CertSync.Certificates;

/// <summary>Detects before the import what Key Vault refuses, and explains how to correct it (Azure Key Vault certificates FAQ and "About keys").</summary>
internal static class VaultRules
{
    /// <summary>Characters of the value of the secret behind a certificate: 25 KB ("About Azure Key Vault secrets").</summary>
    internal const int LongestValue = 25 * 1024;

    private const int LongestSubject = 200;

    /// <summary>
    /// The policy for a certificate that Key Vault is known to misjudge without one: it derives the key's type from the certificate's
    /// signature, and the key's operations from the key usage. The vault may still refuse the certificate.
    /// </summary>
    /// <returns>Null for all others.</returns>
    public static KeyPolicy? PolicyFor(ChainCertificate leaf, AsymmetricAlgorithm key, List<string> warnings)
    {
        var isRsa = key is RSA;
        var (anomaly, remedy) =
            !isRsa && leaf.KeyUsages.HasFlag(X509KeyUsageFlags.KeyEncipherment)
                ? ("The EC certificate has the key usage keyEncipherment", "set usages: [digital signature, server auth] in the Certificate and reissue it")
            : isRsa && leaf.SignatureAlgorithm.StartsWith(Oids.EcdsaSignatures, StringComparison.Ordinal)
                ? ("The certificate has an RSA key and is signed by an elliptic-curve CA", "set privateKey.algorithm of the Certificate to ECDSA, or use an RSA issuer")
            : ("", "");
        if (anomaly.Length == 0)
        {
            return null;
        }

        warnings.Add($"{anomaly}, which Key Vault may reject; it is imported with an explicit key policy. To be sure, {remedy}.");
        return new KeyPolicy(isRsa, key.KeySize, remedy);
    }

    /// <exception cref="CertificateFormatException">The vault would refuse the certificate.</exception>
    public static void Check(ChainCertificate leaf)
    {
        if (leaf.Certificate.Subject.Length > LongestSubject)
        {
            throw new CertificateFormatException(
                $"The subject has {leaf.Certificate.Subject.Length} characters, but Key Vault accepts {LongestSubject}: shorten the subject of the Certificate.");
        }
    }

    /// <exception cref="CertificateFormatException">The value is longer than a Key Vault secret can be.</exception>
    public static void CheckLength(int characters)
    {
        if (characters > LongestValue)
        {
            throw new CertificateFormatException(
                $"The certificate with its chain has {characters} characters, but Key Vault accepts {LongestValue}: omit CA certificates or alternative names that are not needed.");
        }
    }
}

/// <summary>The key of a certificate as an import policy has it.</summary>
/// <param name="IsRsa">Whether it is RSA; otherwise it is an elliptic-curve key on P-256, P-384 or P-521.</param>
/// <param name="Size">Bits of the modulus or of the curve.</param>
/// <param name="Remedy">What to change if the vault still refuses the certificate, an imperative without a period.</param>
public sealed record KeyPolicy(bool IsRsa, int Size, string Remedy);
