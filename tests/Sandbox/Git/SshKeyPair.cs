using System.Collections.Concurrent;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Git;

/// <summary>A key pair made by ssh-keygen, in files of a temporary folder.</summary>
public sealed class SshKeyPair : IDisposable
{
    private static readonly ConcurrentDictionary<SshKeyType, Lazy<Task<(string Private, string Public)>>> OfProcess = new();

    private readonly TemporaryFolder _folder;

    private SshKeyPair(TemporaryFolder folder, SshKeyType type) => (this._folder, Type) = (folder, type);

    public SshKeyType Type { get; }

    /// <summary>The private key's file, mode 0600.</summary>
    public string PrivateKeyPath => _folder.Combine("key");

    /// <summary>The public key's line: algorithm, base64, comment.</summary>
    public string PublicKey => File.ReadAllText(_folder.Combine("key.pub")).Trim();

    /// <summary>The public key without its comment, as known_hosts and allowed_signers hold it.</summary>
    public string PublicKeyWithoutComment => string.Join(' ', PublicKey.Split(' ').Take(2));

    /// <param name="passphrase">Encrypts the private key; null for none.</param>
    /// <exception cref="MissingToolException">ssh-keygen is not installed.</exception>
    public static async Task<SshKeyPair> CreateAsync(
        SshKeyType type = SshKeyType.Ed25519,
        string? passphrase = null,
        SshKeyFormat format = SshKeyFormat.OpenSsh,
        CancellationToken cancellationToken = default)
    {
        var pair = new SshKeyPair(new TemporaryFolder("clustertrust-key-"), type);
        string[] size = type == SshKeyType.Rsa ? ["-b", "3072"] : [];
        string[] form = format switch { SshKeyFormat.Pem => ["-m", "PEM"], SshKeyFormat.Pkcs8 => ["-m", "PKCS8"], _ => [] };
        var name = type switch { SshKeyType.Rsa => "rsa", SshKeyType.Ecdsa => "ecdsa", _ => "ed25519" };
        await using var keygen = new BinaryRunner(Tools.Find("ssh-keygen", "openssh-client"));
        var made = await keygen.RunAsync(
            ["-q", "-t", name, .. size, .. form, "-N", passphrase ?? "", "-C", "sandbox", "-f", pair.PrivateKeyPath], cancellationToken: cancellationToken);
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"ssh-keygen failed: {made.StandardError}");
        }

        KnownSecrets.AddKey(await File.ReadAllTextAsync(pair.PrivateKeyPath, cancellationToken));
        if (passphrase is not null)
        {
            KnownSecrets.Add(passphrase);
        }

        return pair;
    }

    /// <summary>The key pair of a kind that this process makes once, in files of its own: an RSA key takes a second of a processor.</summary>
    /// <exception cref="MissingToolException">ssh-keygen is not installed.</exception>
    public static async Task<SshKeyPair> OfProcessAsync(SshKeyType type = SshKeyType.Ed25519)
    {
        var (key, line) = await OfProcess.GetOrAdd(type, static type => new(() => MakeAsync(type))).Value;
        var folder = new TemporaryFolder("clustertrust-key-");
        folder.Write("key", key);
        folder.Write("key.pub", line);
        return new SshKeyPair(folder, type);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(string Private, string Public)> MakeAsync(SshKeyType type)
    {
        using var made = await CreateAsync(type);
        return (await File.ReadAllTextAsync(made.PrivateKeyPath), made.PublicKey);
    }
}

/// <summary>How a private key file is written.</summary>
public enum SshKeyFormat
{
    /// <summary><c>-----BEGIN OPENSSH PRIVATE KEY-----</c></summary>
    OpenSsh,

    /// <summary>PKCS#1 for RSA, SEC1 for ECDSA. ssh-keygen writes ed25519 keys in OpenSSH's format all the same.</summary>
    Pem,

    /// <summary>PKCS#8. ssh-keygen writes ed25519 keys in OpenSSH's format all the same.</summary>
    Pkcs8,
}

/// <summary>Kinds of SSH keys, as ssh-keygen names them.</summary>
public enum SshKeyType
{
    Ed25519,

    /// <summary>RSA with 3,072 bits.</summary>
    Rsa,

    /// <summary>ECDSA on nistp256.</summary>
    Ecdsa,
}
