using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ClusterTrust.Hosting;
using Renci.SshNet.Security;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>
/// Signs commits with an SSH key (ed25519, ECDSA on a NIST curve, RSA with SHA-512), as Git does with <c>gpg.format=ssh</c>.
/// A host shows them as verified when the key is registered as a signing key of the committer's account.
/// </summary>
internal sealed class SshSigner : ICommitSigner
{
    private readonly KeyHostAlgorithm _algorithm;

    private SshSigner(KeyHostAlgorithm algorithm) => _algorithm = algorithm;

    /// <exception cref="JobException">The key cannot be opened or cannot sign (exit code 2).</exception>
    internal static SshSigner Open(KeyFile file, ArmoredKey key, string? passphrase)
    {
        var opened = SshPrivateKey.Open(file, key, passphrase);
        var name = opened.Key switch
        {
            ED25519Key => "ssh-ed25519",
            RsaKey => "rsa-sha2-512",
            EcdsaKey { KeyLength: 256 } => "ecdsa-sha2-nistp256",
            EcdsaKey { KeyLength: 384 } => "ecdsa-sha2-nistp384",
            EcdsaKey { KeyLength: 521 } => "ecdsa-sha2-nistp521",
            _ => null,
        };
        return opened.HostKeyAlgorithms.OfType<KeyHostAlgorithm>().FirstOrDefault(known => known.Name == name) is { } algorithm
            ? new SshSigner(algorithm)
            : throw SshPrivateKey.Unsupported(file);
    }

    public string Sign(ReadOnlySpan<byte> commitBuffer) =>
        SshSignature.Armor(_algorithm.Data, _algorithm.Sign(SshSignature.ToBeSigned(commitBuffer)));
}

/// <summary>
/// The SSHSIG format (OpenSSH's PROTOCOL.sshsig, version 1) for the namespace <c>git</c> and SHA-512. A string is its length as four
/// bytes, most significant first, and its bytes (RFC 4251, section 5).
/// </summary>
internal static class SshSignature
{
    private const int LineLength = 70;

    private static ReadOnlySpan<byte> Magic => "SSHSIG"u8;

    private static ReadOnlySpan<byte> Namespace => "git"u8;

    private static ReadOnlySpan<byte> HashAlgorithm => "sha512"u8;

    /// <summary>What the key signs for a message.</summary>
    public static byte[] ToBeSigned(ReadOnlySpan<byte> message)
    {
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        SHA512.HashData(message, hash);
        using var data = new MemoryStream();
        data.Write(Magic);
        WriteString(data, Namespace);
        WriteString(data, []);
        WriteString(data, HashAlgorithm);
        WriteString(data, hash);
        return data.ToArray();
    }

    /// <summary>Wraps a signature as <c>ssh-keygen -Y sign</c> does.</summary>
    /// <param name="publicKey">The public key in SSH wire format.</param>
    /// <param name="signature">The signature in SSH wire format: the algorithm's name and the signature's bytes, each a string.</param>
    /// <returns>The armored text; lines end in a line feed, the last one too.</returns>
    public static string Armor(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature)
    {
        using var blob = new MemoryStream();
        blob.Write(Magic);
        blob.Write([0, 0, 0, 1]);
        WriteString(blob, publicKey);
        WriteString(blob, Namespace);
        WriteString(blob, []);
        WriteString(blob, HashAlgorithm);
        WriteString(blob, signature);
        var base64 = Convert.ToBase64String(blob.GetBuffer(), 0, (int)blob.Length);
        var text = new StringBuilder("-----BEGIN SSH SIGNATURE-----\n");
        foreach (var line in base64.Chunk(LineLength))
        {
            text.Append(line).Append('\n');
        }

        return text.Append("-----END SSH SIGNATURE-----\n").ToString();
    }

    private static void WriteString(MemoryStream target, ReadOnlySpan<byte> value)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
        target.Write(length);
        target.Write(value);
    }
}
