using System.Security.Cryptography;
using System.Text;
using ClusterTrust.Hosting;
using Renci.SshNet;
using Renci.SshNet.Common;
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

    /// <summary>Reads a private key.</summary>
    /// <param name="text">The key in OpenSSH's own format, PKCS#1, SEC 1 or PKCS#8.</param>
    /// <param name="passphrase">The passphrase that protects the key, or null.</param>
    /// <param name="source">Where the key comes from, for messages.</param>
    /// <exception cref="JobException">The key cannot be opened or cannot sign (exit code 2).</exception>
    internal static SshSigner Read(string text, string? passphrase, string source)
    {
        var file = Open(text, passphrase, source);
        if (file.Key is ED25519Key && !text.StartsWith("-----BEGIN OPENSSH", StringComparison.Ordinal))
        {
            // The parser takes the DER encoding's bytes for the key itself and would sign with another key than the file's.
            throw SigningFault.Of(source, "is an ed25519 key in PKCS#8 form, which is not supported: convert it with ssh-keygen -p -f FILE, or make one with ssh-keygen -t ed25519");
        }

        var name = file.Key switch
        {
            ED25519Key => "ssh-ed25519",
            RsaKey => "rsa-sha2-512",
            EcdsaKey { KeyLength: 256 } => "ecdsa-sha2-nistp256",
            EcdsaKey { KeyLength: 384 } => "ecdsa-sha2-nistp384",
            EcdsaKey { KeyLength: 521 } => "ecdsa-sha2-nistp521",
            _ => null,
        };
        return file.HostKeyAlgorithms.OfType<KeyHostAlgorithm>().FirstOrDefault(known => known.Name == name) is { } algorithm
            ? new SshSigner(algorithm)
            : throw Unsupported(source);
    }

    /// <inheritdoc/>
    public string Sign(ReadOnlySpan<byte> commitBuffer) =>
        SshSignature.Armor(algorithm.Data, algorithm.Sign(SshSignature.ToBeSigned(commitBuffer)));

    private static PrivateKeyFile Open(string text, string? passphrase, string source)
    {
        var secret = passphrase;
        if (text.StartsWith("-----BEGIN ENCRYPTED ", StringComparison.Ordinal))
        {
            // The parser takes one byte of each character here and knows nothing of UTF-8; and it has no word for a missing passphrase.
            secret = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(passphrase ?? throw SigningFault.PassphraseMissing(source)));
        }

        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        try
        {
            return new PrivateKeyFile(stream, secret);
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            throw SigningFault.PassphraseMissing(source);
        }
        catch (Exception unsupported) when (IsUnsupported(unsupported))
        {
            throw Unsupported(source, unsupported);
        }
        catch (Exception broken) when (SshKeyFault.Is(broken))
        {
            throw passphrase is null
                ? SigningFault.Of(source, "cannot be read as a private key: is it complete, with all of its lines?", broken)
                : SigningFault.PassphraseWrong(source, broken);
        }
    }

    private static bool IsUnsupported(Exception exception) =>
        exception is NotSupportedException
        || (exception is SshException && exception.Message.Contains("not supported", StringComparison.OrdinalIgnoreCase));

    private static JobException Unsupported(string source, Exception? cause = null) => SigningFault.Of(
        source, "has an algorithm that cannot sign commits here: use an ed25519, an ECDSA (P-256, P-384, P-521) or an RSA key that lies in the file itself, not on a security key", cause);
}
