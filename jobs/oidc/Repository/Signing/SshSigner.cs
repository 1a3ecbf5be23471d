using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>
/// Signs commits with an SSH key (ed25519, ECDSA on a NIST curve, RSA with SHA-512), as Git does with <c>gpg.format=ssh</c>.
/// A host shows them as verified when the key is registered as a signing key of the committer's account.
/// </summary>
internal sealed class SshSigner(KeyHostAlgorithm algorithm) : ICommitSigner
{
    /// <exception cref="JobException">The key cannot be opened or cannot sign (exit code 2).</exception>
    internal static SshSigner Open(KeyFile file, string? passphrase)
    {
        var opened = SshPrivateKey.Open(file, passphrase);
        var name = opened.Key switch
        {
            ED25519Key => "ssh-ed25519",
            RsaKey => "rsa-sha2-512",
            EcdsaKey { KeyLength: 256 } => "ecdsa-sha2-nistp256",
            EcdsaKey { KeyLength: 384 } => "ecdsa-sha2-nistp384",
            EcdsaKey { KeyLength: 521 } => "ecdsa-sha2-nistp521",
            _ => null,
        };
        return opened.HostKeyAlgorithms.OfType<KeyHostAlgorithm>().FirstOrDefault(known => known.Name == name) is { } found
            ? new SshSigner(found)
            : throw SshPrivateKey.Unsupported(file);
    }

    public string Sign(ReadOnlySpan<byte> commitBuffer) =>
        SshSignature.Armor(algorithm.Data, algorithm.Sign(SshSignature.ToBeSigned(commitBuffer)));
}

/// <summary>The SSHSIG format (OpenSSH's PROTOCOL.sshsig, version 1) for the namespace <c>git</c> and SHA-512.</summary>
internal static class SshSignature
{
    private const int LineLength = 70;

    private static readonly byte[] Magic = [.. "SSHSIG"u8];
    private static readonly byte[] Namespace = [.. "git"u8];
    private static readonly byte[] HashAlgorithm = [.. "sha512"u8];

    public static byte[] ToBeSigned(ReadOnlySpan<byte> message)
    {
        using var data = new SshDataStream(capacity: 128);
        data.Write(Magic);
        data.WriteBinary(Namespace);
        data.WriteBinary([]);
        data.WriteBinary(HashAlgorithm);
        data.WriteBinary(SHA512.HashData(message));
        return data.ToArray();
    }

    /// <summary>Wraps a signature as <c>ssh-keygen -Y sign</c> does.</summary>
    /// <param name="publicKey">The public key in SSH wire format.</param>
    /// <param name="signature">The signature in SSH wire format: the algorithm's name and the signature's bytes, each a string.</param>
    /// <returns>The armored text; lines end in a line feed, the last one too.</returns>
    public static string Armor(byte[] publicKey, byte[] signature)
    {
        using var blob = new SshDataStream(capacity: 1024);
        blob.Write(Magic);
        blob.Write(1u);
        blob.WriteBinary(publicKey);
        blob.WriteBinary(Namespace);
        blob.WriteBinary([]);
        blob.WriteBinary(HashAlgorithm);
        blob.WriteBinary(signature);
        var base64 = Convert.ToBase64String(blob.ToArray());
        var text = new StringBuilder("-----BEGIN SSH SIGNATURE-----\n");
        foreach (var line in base64.Chunk(LineLength))
        {
            text.Append(line).Append('\n');
        }

        return text.Append("-----END SSH SIGNATURE-----\n").ToString();
    }
}
