using System.Security.Cryptography;
using ClusterTrust.Hosting;
using Renci.SshNet.Security;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>
/// Signs commits with an SSH key (ed25519, ECDSA on a NIST curve, RSA with SHA-512), as Git does with <c>gpg.format=ssh</c>.
/// A host shows them as verified when the key is registered as a signing key of the committer's account.
/// </summary>
public sealed class SshSigner : ICommitSigner
{
    private readonly KeyHostAlgorithm algorithm;

    private SshSigner(KeyHostAlgorithm algorithm) => this.algorithm = algorithm;

    /// <summary>The public key's fingerprint as <c>ssh-keygen -l</c> shows it: <c>SHA256:</c> and base64 without padding.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(algorithm.Data)).TrimEnd('=');

    /// <summary>Opens a private key.</summary>
    /// <param name="file">The file it comes from, for the messages.</param>
    /// <param name="key">The key in OpenSSH's own form, PKCS#1, SEC 1 or PKCS#8.</param>
    /// <param name="passphrase">The passphrase that protects the key, or null.</param>
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

    /// <inheritdoc/>
    public string Sign(ReadOnlySpan<byte> commitBuffer) =>
        SshSignature.Armor(algorithm.Data, algorithm.Sign(SshSignature.ToBeSigned(commitBuffer)));
}
