using System.Buffers.Binary;
using System.Formats.Asn1;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace ClusterTrust.Oidc.Repository;

/// <summary>Opens an SSH private key (OpenSSH, PKCS#1, SEC 1, PKCS#8), for deploying and for signing.</summary>
internal static class SshPrivateKey
{
    // One takes about 10 ms. Of PKCS#8's, which take about 1 µs, there may be a million.
    private const int MostRounds = 10_000;

    private static readonly DerObjectIdentifier[] Curves = [SecObjectIdentifiers.SecP256r1, SecObjectIdentifiers.SecP384r1, SecObjectIdentifiers.SecP521r1];

    /// <summary>The object identifier id-primeField, with which explicit parameters of a curve begin (RFC 3279 §2.3.5).</summary>
    private static ReadOnlySpan<byte> PrimeField => [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01];

    /// <summary>The object identifier id-scrypt (RFC 7914 §7).</summary>
    private static ReadOnlySpan<byte> Scrypt => [0x06, 0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x04, 0x0B];

    /// <exception cref="JobException">It is damaged, of an algorithm that is not supported, or the passphrase is missing or wrong (exit code 2).</exception>
    public static PrivateKeyFile Open(KeyFile file, string? passphrase)
    {
        var content = PemEncoding.TryFind(file.Text, out var pem) ? Convert.FromBase64String(file.Text[pem.Base64Data]) : [];
        var fault = content.AsSpan().IndexOf(PrimeField) >= 0 ? "has explicit curve parameters, which are not supported: convert it with 'openssl ec -in KEY -param_enc named_curve -out NEW-KEY'"
            : content.AsSpan().IndexOf(Scrypt) >= 0 ? "is encrypted by means of scrypt, which is not supported: convert it with 'openssl pkcs8 -topk8 -in KEY -out NEW-KEY'"
            : null;
        if (fault is not null)
        {
            throw file.Fault(fault);
        }

        try
        {
            var isEncrypted = file.Label == "ENCRYPTED PRIVATE KEY";
            if (isEncrypted ? HasManyRounds(EncryptedPrivateKeyInfo.GetInstance(content).EncryptionAlgorithm.ToAsn1Object()) : HasManyRounds(content))
            {
                throw file.Fault("takes too many rounds to decrypt: copy the file again if it is damaged, or encrypt it again with 'ssh-keygen -p -f KEY'");
            }

            // The parsers encode a PKCS#8 passphrase as Latin-1, OpenSSL and ssh-keygen as UTF-8.
            var secret = isEncrypted ? Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(passphrase ?? throw file.PassphraseMissing())) : passphrase;
            var text = file.Label is "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY" ? WithoutPkcs8(file.Text, content, isEncrypted ? secret : null) : file.Text;
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            var opened = new PrivateKeyFile(stream, secret);
            return opened.Key is RsaKey
                || (opened.Key is EcdsaKey && IsOnItsCurve(opened))
                || (opened.Key is ED25519Key && text.StartsWith("-----BEGIN OPENSSH ", StringComparison.Ordinal))
                ? opened
                : throw Unsupported(file);
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            throw file.PassphraseMissing();
        }
        catch (Exception unsupported) when (IsUnsupported(unsupported))
        {
            throw Unsupported(file, unsupported);
        }
        catch (Exception damaged) when (IsFault(damaged))
        {
            throw passphrase is null
                ? file.Fault("is not a valid private key: check that the file is complete", damaged)
                : file.PassphraseWrong(damaged);
        }
    }

    /// <summary>The fault of a key that cannot be used here.</summary>
    public static JobException Unsupported(KeyFile file, Exception? cause = null) => file.Fault(
        "has an algorithm that is not supported: use an ed25519, ECDSA (P-256, P-384, P-521) or RSA key that is not on a security key", cause);

    /// <summary>
    /// Converts an ed25519 key in PKCS#8 to OpenSSH's format: SSH.NET uses its encoding as the key, which is another key. It does not distinguish
    /// other curves and algorithms from damage, so they are refused here.
    /// </summary>
    private static string WithoutPkcs8(string text, byte[] content, string? passphrase)
    {
        var key = passphrase is null ? PrivateKeyFactory.CreateKey(content) : PrivateKeyFactory.DecryptKey(passphrase.ToCharArray(), content);
        return key switch
        {
            Ed25519PrivateKeyParameters => PemEncoding.WriteString("OPENSSH PRIVATE KEY", OpenSshPrivateKeyUtilities.EncodePrivateKey(key)) + "\n",
            RsaPrivateCrtKeyParameters => text,
            ECPrivateKeyParameters { PublicKeyParamSet: { } curve } when Curves.Contains(curve) => text,
            _ => throw new NotSupportedException("The key is of another algorithm or curve."),
        };
    }

    /// <summary>Whether the public key is on the curve of its name: SSH.NET names a key on any curve after the NIST curve of that length.</summary>
    private static bool IsOnItsCurve(PrivateKeyFile opened)
    {
        try
        {
            using var key = new EcdsaKey(new SshKeyData(opened.HostKeyAlgorithms.OfType<KeyHostAlgorithm>().First().Data));
            return true;
        }
        catch (Exception other) when (other is CryptographicException or SshException or ArgumentException)
        {
            return false;
        }
    }

    private static bool HasManyRounds(Asn1Object parameters) => parameters switch
    {
        DerInteger rounds => rounds.Value.BitLength > 20,
        Asn1Sequence parts => parts.Any(static part => HasManyRounds(part.ToAsn1Object())),
        _ => false,
    };

    /// <summary>
    /// Reads the number of rounds of OpenSSH's format (PROTOCOL.key). Each length must be within the key, as far as it is not encrypted:
    /// SSH.NET allocates that length before it reads.
    /// </summary>
    private static bool HasManyRounds(byte[] key)
    {
        const int Cipher = 15;
        if (!key.AsSpan().StartsWith("openssh-key-v1\0"u8))
        {
            return false;
        }

        var isEncrypted = key[Cipher + sizeof(uint)] != 'n'; // "none"
        var options = Skip(key, Skip(key, Cipher));
        var rounds = Skip(key, options + sizeof(uint)); // they follow a salt; without options, it is the number of keys
        var at = Skip(key, Skip(key, options) + sizeof(uint));
        var end = Skip(key, at);

        // Two numbers, then strings and padding of up to seven bytes, unless the key is on a security key ("sk-").
        at += 3 * sizeof(uint);
        var isReadable = !isEncrypted && key[at + sizeof(uint) + 1] != 'k';
        while (isReadable && at < end - 7)
        {
            at = Skip(key, at);
        }

        return isEncrypted && BinaryPrimitives.ReadUInt32BigEndian(key.AsSpan(rounds)) > MostRounds;
    }

    /// <summary>Where the string ends that begins there.</summary>
    private static int Skip(byte[] key, int at) => BinaryPrimitives.ReadUInt32BigEndian(key.AsSpan(at)) is var length && length <= key.Length - at - sizeof(uint)
        ? at + sizeof(uint) + (int)length
        : throw new FormatException("A length is not within the key.");

    private static bool IsUnsupported(Exception exception) => exception is NotSupportedException
        || (exception is SshException && exception.Message.Contains("not supported", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Whether the parsers' exception is due to the file or its passphrase; they have no common exception type. A wrong passphrase
    /// may decrypt a PEM key to random bytes, which are then parsed.
    /// </summary>
    private static bool IsFault(Exception exception) => exception is SshException or CryptographicException or CryptoException or SecurityUtilityException
        or AsnContentException or FormatException or ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException
        or IOException or InvalidCastException;
}
