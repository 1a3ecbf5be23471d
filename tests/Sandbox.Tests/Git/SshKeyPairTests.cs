using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class SshKeyPairTests
{
    [Theory]
    [InlineData(SshKeyType.Ed25519, SshKeyFormat.OpenSsh, "ssh-ed25519", "OPENSSH PRIVATE KEY")]
    [InlineData(SshKeyType.Ecdsa, SshKeyFormat.OpenSsh, "ecdsa-sha2-nistp256", "OPENSSH PRIVATE KEY")]
    [InlineData(SshKeyType.Ecdsa, SshKeyFormat.Pem, "ecdsa-sha2-nistp256", "EC PRIVATE KEY")]
    [InlineData(SshKeyType.Rsa, SshKeyFormat.Pem, "ssh-rsa", "RSA PRIVATE KEY")]
    [InlineData(SshKeyType.Rsa, SshKeyFormat.Pkcs8, "ssh-rsa", "PRIVATE KEY")]
    public async Task Keys_of_every_kind_and_format_are_made(SshKeyType type, SshKeyFormat format, string algorithm, string label)
    {
        using var key = await SshKeyPair.CreateAsync(type, format: format);

        Assert.StartsWith($"{algorithm} ", key.PublicKey, StringComparison.Ordinal);
        Assert.Equal($"{key.PublicKeyWithoutComment} sandbox", key.PublicKey);
        Assert.StartsWith($"-----BEGIN {label}-----\n", await File.ReadAllTextAsync(key.PrivateKeyPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passphrase_locks_the_private_key()
    {
        using var key = await SshKeyPair.CreateAsync(passphrase: "secret words");
        await using var keygen = new BinaryRunner(Tools.Find("ssh-keygen", "openssh-client"));

        Assert.NotEqual(0, (await keygen.RunAsync("-y", "-P", "", "-f", key.PrivateKeyPath)).ExitCode);
        var opened = await keygen.RunAsync("-y", "-P", "secret words", "-f", key.PrivateKeyPath);
        Assert.Equal((0, key.PublicKey + "\n"), (opened.ExitCode, opened.StandardOutput));
    }

    [Fact]
    public async Task Dispose_removes_the_private_key()
    {
        var key = await SshKeyPair.CreateAsync();
        key.Dispose();
        Assert.False(File.Exists(key.PrivateKeyPath));
    }
}
