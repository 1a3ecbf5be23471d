using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Git;

/// <summary>A key pair made by ssh-keygen, in files of a temporary folder.</summary>
public sealed class SshKeyPair : IDisposable
{
    private readonly TemporaryFolder folder;

    private SshKeyPair(TemporaryFolder folder, SshKeyType type) => (this.folder, Type) = (folder, type);

    public SshKeyType Type { get; }

    /// <summary>The private key's file, mode 0600.</summary>
    public string PrivateKeyPath => folder.Combine("key");

    /// <summary>The public key's line: algorithm, base64, comment.</summary>
    public string PublicKey => File.ReadAllText(folder.Combine("key.pub")).Trim();

    /// <summary>The public key without its comment, as known_hosts and allowed_signers hold it.</summary>
    public string PublicKeyWithoutComment => string.Join(' ', PublicKey.Split(' ').Take(2));

    /// <summary>Makes a key pair.</summary>
    /// <param name="passphrase">Encrypts the private key; null for none.</param>
    /// <exception cref="MissingToolException">ssh-keygen is not installed.</exception>
    public static async Task<SshKeyPair> CreateAsync(
        SshKeyType type = SshKeyType.Ed25519,
        string? passphrase = null,
        SshKeyFormat format = SshKeyFormat.OpenSsh,
        CancellationToken cancellation = default)
    {
        var pair = new SshKeyPair(new TemporaryFolder("clustertrust-key-"), type);
        string[] size = type == SshKeyType.Rsa ? ["-b", "3072"] : [];
        string[] form = format switch { SshKeyFormat.Pem => ["-m", "PEM"], SshKeyFormat.Pkcs8 => ["-m", "PKCS8"], _ => [] };
        var name = type switch { SshKeyType.Rsa => "rsa", SshKeyType.Ecdsa => "ecdsa", _ => "ed25519" };
        await using var keygen = new BinaryRunner(Tools.Find("ssh-keygen", "openssh-client"));
        var made = await keygen.RunAsync(
            ["-q", "-t", name, .. size, .. form, "-N", passphrase ?? "", "-C", "sandbox", "-f", pair.PrivateKeyPath], cancellation: cancellation);
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"ssh-keygen failed: {made.StandardError}");
        }

        KnownSecrets.AddKey(await File.ReadAllTextAsync(pair.PrivateKeyPath, cancellation));
        if (passphrase is not null)
        {
            KnownSecrets.Add(passphrase);
        }

        return pair;
    }

    public void Dispose() => folder.Dispose();
}
