using System.Formats.Asn1;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository;

/// <summary>Knows what SSH.NET throws at a private key that it cannot read. It has no type of its own for that.</summary>
internal static class SshKeyFault
{
    /// <summary>Whether the file is at fault, or its passphrase: a wrong one may well decrypt a key in PEM form to noise, which is then parsed.</summary>
    public static bool Is(Exception exception) => exception is SshException or CryptographicException or CryptoException or AsnContentException
        or FormatException or ArgumentException or NotSupportedException or InvalidOperationException or IndexOutOfRangeException
        or OverflowException or IOException;
}
