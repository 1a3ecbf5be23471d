namespace ClusterTrust.Sandbox.Git;

/// <summary>A key pair made by ssh-keygen, in files of a temporary folder.</summary>
public sealed class SshKeyPair : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<(string Private, string Public)>>> OfProcess = new();

    private readonly TemporaryFolder _folder;

    private SshKeyPair(TemporaryFolder folder, string type) => (this._folder, Type) = (folder, type);

    public string Type { get; }

    /// <summary>The private key's file, mode 0600.</summary>
    public string PrivateKeyPath => _folder.Combine("key");

    /// <summary>The public key's line: algorithm, base64, comment.</summary>
    public string PublicKey => File.ReadAllText(_folder.Combine("key.pub")).Trim();

    /// <summary>The public key without its comment, as known_hosts and allowed_signers hold it.</summary>
    public string PublicKeyWithoutComment => string.Join(' ', PublicKey.Split(' ').Take(2));

    /// <param name="bits">Its size; ssh-keygen's default when null, which is 256 for ECDSA and 3,072 for RSA.</param>
    /// <param name="format">How the private key is written: <c>PEM</c> or <c>PKCS8</c>; OpenSSH's own form when null, and always for ed25519.</param>
    public static async Task<SshKeyPair> CreateAsync(string type = "ed25519", int? bits = null, string? passphrase = null, string? format = null)
    {
        var pair = new SshKeyPair(new TemporaryFolder("clustertrust-key-"), type);
        string[] size = bits is null ? [] : ["-b", $"{bits}"];
        string[] form = format is null ? [] : ["-m", format];
        await using var keygen = new BinaryRunner(Tools.Find("ssh-keygen", "openssh-client"));
        (await keygen.RunAsync(["-q", "-t", type, .. size, .. form, "-N", passphrase ?? "", "-C", "sandbox", "-f", pair.PrivateKeyPath])).OrThrow();
        KnownSecrets.AddKey(await File.ReadAllTextAsync(pair.PrivateKeyPath));
        if (passphrase is not null)
        {
            KnownSecrets.Add(passphrase);
        }

        return pair;
    }

    /// <summary>The key pair of a kind that this process makes once, in files of its own: an RSA key takes a second of a processor.</summary>
    public static async Task<SshKeyPair> OfProcessAsync(string type = "ed25519")
    {
        var (key, line) = await OfProcess.GetOrAdd(type, static type => new(() => MakeAsync(type))).Value;
        var folder = new TemporaryFolder("clustertrust-key-");
        folder.Write("key", key);
        folder.Write("key.pub", line);
        return new SshKeyPair(folder, type);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(string Private, string Public)> MakeAsync(string type)
    {
        using var made = await CreateAsync(type);
        return (await File.ReadAllTextAsync(made.PrivateKeyPath), made.PublicKey);
    }
}
