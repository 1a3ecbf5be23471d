using System.Security.Cryptography;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>The encryptions of PFX files in use.</summary>
internal static class Encryptions
{
    public static readonly PbeParameters TripleDes = new(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, 2_000);
    public static readonly PbeParameters Aes256 = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2_000);
}
