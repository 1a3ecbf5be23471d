using System.Security.Cryptography;
using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>Opens the deploy key, as forgiving towards how it was pasted into a Secret as strict towards what it is.</summary>
internal static class DeployKey
{
    /// <summary>Reads and decrypts the key.</summary>
    /// <exception cref="JobException">It is missing, not a key, of a kind that is not supported, or its passphrase is wrong (exit code 2).</exception>
    public static PrivateKeyFile Open(GitRepositoryOptions options, GitAddress address)
    {
        var (bytes, name) = options switch
        {
            { SshKey: { } key } => (key.ToArray(), "The deploy key"),
            { SshKeyFile: { } file } => (SecretFile.Read(file, "deploy key", "--ssh-key"), $"The deploy key '{Shown.Of(file)}'"),
            _ => throw Usage($"The repository {address} is reached over SSH, which needs a deploy key: name its file with --ssh-key."),
        };
        var text = Lines(bytes);
        if (!text.StartsWith("-----BEGIN ", StringComparison.Ordinal) && !text.StartsWith("PuTTY-User-Key-File", StringComparison.Ordinal))
        {
            throw Usage(text.StartsWith("ssh-", StringComparison.Ordinal) || text.StartsWith("ecdsa-", StringComparison.Ordinal)
                ? $"{name} is a public key: give the private one, the file without .pub."
                : $"{name} is not a private key: it should start with '-----BEGIN OPENSSH PRIVATE KEY-----'.");
        }

        var passphrase = string.IsNullOrEmpty(options.SshKeyPassphrase) ? null : options.SshKeyPassphrase;
        var openable = WithoutPkcs8(text, passphrase, name);
        try
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(openable));
            return new PrivateKeyFile(stream, passphrase);
        }
        catch (SshPassPhraseNullOrEmptyException locked)
        {
            throw Usage($"{name} is encrypted: give its passphrase.", locked);
        }
        catch (Exception fault) when (SshKeyFault.Is(fault))
        {
            throw Unreadable(name, passphrase, fault);
        }
    }

    /// <summary>Without what pasting does to a file: a byte order mark, carriage returns, indents, a missing last line feed.</summary>
    private static string Lines(byte[] bytes) => string.Join('\n', Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').Trim().Split('\n').Select(line => line.Trim())) + "\n";

    /// <summary>SSH.NET reads an ed25519 key in PKCS#8 form, but as another key: it is put into OpenSSH's own form first.</summary>
    private static string WithoutPkcs8(string text, string? passphrase, string name)
    {
        var label = PemEncoding.TryFind(text, out var pem) ? text[pem.Label] : "";
        if (label is not ("PRIVATE KEY" or "ENCRYPTED PRIVATE KEY"))
        {
            return text;
        }

        if (label == "ENCRYPTED PRIVATE KEY" && passphrase is null)
        {
            throw Usage($"{name} is encrypted: give its passphrase.");
        }

        try
        {
            var content = Convert.FromBase64String(text[pem.Base64Data]);
            var key = label == "PRIVATE KEY" ? PrivateKeyFactory.CreateKey(content) : PrivateKeyFactory.DecryptKey(passphrase!.ToCharArray(), content);
            return key is Ed25519PrivateKeyParameters
                ? PemEncoding.WriteString("OPENSSH PRIVATE KEY", OpenSshPrivateKeyUtilities.EncodePrivateKey(key)) + "\n"
                : text;
        }
        catch (Exception fault) when (fault is CryptoException or SecurityUtilityException or IOException or FormatException or ArgumentException or InvalidCastException)
        {
            throw Unreadable(name, passphrase, fault);
        }
    }

    private static JobException Unreadable(string name, string? passphrase, Exception fault) => Usage(
        passphrase is null
            ? $"{name} cannot be read: it is damaged or of a kind that is not supported (supported are ed25519, ECDSA and RSA, as ssh-keygen writes them)."
            : $"{name} cannot be opened with the passphrase given: the passphrase is wrong, or the key is damaged or of a kind that is not supported.",
        fault);

    private static JobException Usage(string message, Exception? cause = null) => new(message, ExitCode.Usage, cause);
}
