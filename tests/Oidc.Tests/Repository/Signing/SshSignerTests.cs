using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.Signing;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Oidc.Tests.Repository.Signing;

public sealed class SshSignerTests : IDisposable
{
    private const string Passphrase = "grüne Wiese 42";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("ed25519", null, "", null)]
    [InlineData("ed25519", null, Passphrase, null)]
    [InlineData("ecdsa", 256, "", null)]
    [InlineData("ecdsa", 384, Passphrase, null)]
    [InlineData("ecdsa", 521, "", null)]
    [InlineData("rsa", 2048, "", null)]
    [InlineData("rsa", 3072, Passphrase, null)]
    [InlineData("rsa", 2048, "", "PEM")]
    [InlineData("rsa", 2048, Passphrase, "PEM")]
    [InlineData("rsa", 2048, "", "PKCS8")]
    [InlineData("rsa", 2048, Passphrase, "PKCS8")]
    [InlineData("ecdsa", 256, "", "PEM")]
    [InlineData("ecdsa", 384, "", "PKCS8")]
    public void Git_accepts_commits_signed_with_a_key_of_each_kind_and_format(string type, int? bits, string passphrase, string? format)
    {
        var path = Tool.MakeSshKey(folder, type, bits, passphrase, format);
        var signer = Load(path, passphrase);
        using var repository = new SignedRepository();

        var verdict = repository.VerifyWithSsh(repository.Commit(signer), File.ReadAllText(path + ".pub"));

        Assert.Contains($"Good \"git\" signature for {SignedRepository.Committer}", verdict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ed25519", null)]
    [InlineData("ecdsa", 256)]
    [InlineData("ecdsa", 521)]
    [InlineData("rsa", 2048)]
    public void Git_accepts_many_signatures_of_one_key(string type, int? bits)
    {
        var path = Tool.MakeSshKey(folder, type, bits);
        var signer = Load(path);
        using var repository = new SignedRepository();
        for (var i = 0; i < 8; i++)
        {
            repository.VerifyWithSsh(repository.Commit(signer, $"Commit {i}\n"), File.ReadAllText(path + ".pub"));
        }
    }

    [Fact]
    public void The_armor_is_what_ssh_keygen_writes()
    {
        // ed25519 signatures are deterministic: the same bytes must come out.
        var path = Tool.MakeSshKey(folder, "ed25519");
        var message = folder.Write("message", "tree 0\n\nSubject\n");
        Tool.Run("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", path, message);

        Assert.Equal(File.ReadAllText(message + ".sig"), Load(path).Sign(File.ReadAllBytes(message)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("PEM")]
    [InlineData("PKCS8")]
    public void A_wrong_or_missing_passphrase_is_an_error_in_every_format(string? format)
    {
        var path = Tool.MakeSshKey(folder, "rsa", 2048, Passphrase, format);

        Refuses($"The signing key '{path}' cannot be decrypted with the configured passphrase: correct the passphrase.", path, "not that one");
        Refuses($"The signing key '{path}' is protected by a passphrase, and none is set: set its passphrase.", path);
    }

    // One wrong passphrase of 256 decrypts a key in PEM form to something with the right padding.
    [Fact]
    public void A_wrong_passphrase_is_named_whatever_it_decrypts_a_key_to()
    {
        var path = Tool.MakeSshKey(folder, "rsa", 2048, Passphrase, "PEM");
        var file = KeyFile.Of($"The signing key '{path}'", File.ReadAllText(path));

        for (var i = 0; i < 2000; i++)
        {
            var fault = Assert.Throws<JobException>(() => SshSigner.Open(file, $"wrong {i}"));
            Assert.EndsWith("correct the passphrase.", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_passphrase_that_an_unprotected_key_does_not_need_is_ignored() =>
        Assert.NotNull(Load(Tool.MakeSshKey(folder, "ed25519"), Passphrase));

    [Fact]
    public void A_passphrase_file_may_end_in_a_line_feed()
    {
        var path = Tool.MakeSshKey(folder, "ed25519", passphrase: Passphrase);

        Assert.NotNull(CommitSigners.Load(path, null, folder.Write("passphrase", Passphrase + "\n"), TimeProvider.System));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Passphrase)]
    public void An_ed25519_key_in_PKCS8_as_openssl_writes_it_signs(string? passphrase)
    {
        var path = folder.Combine("pkcs8");
        string[] protection = passphrase is null ? [] : ["-aes-256-cbc", "-pass", $"pass:{passphrase}"];
        Tool.Run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path, .. protection]);
        using var repository = new SignedRepository();

        var signer = Load(path, passphrase);

        // OpenSSH 9.2 does not read the file: its public key comes from openssl's own reading.
        var der = folder.Combine("public.der");
        Tool.Run("openssl", ["pkey", "-in", path, "-pubout", "-outform", "DER", "-out", der, .. passphrase is null ? Array.Empty<string>() : ["-passin", $"pass:{passphrase}"]]);
        byte[] blob = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. File.ReadAllBytes(der)[^32..]];
        var verdict = repository.VerifyWithSsh(repository.Commit(signer), $"ssh-ed25519 {Convert.ToBase64String(blob)} key");
        Assert.Contains("Good \"git\" signature", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_before_the_private_one_is_passed_over()
    {
        var path = Tool.MakeSshKey(folder, "rsa", 2048, format: "PEM");
        File.WriteAllText(path, Tool.Run("openssl", "rsa", "-in", path, "-pubout") + File.ReadAllText(path));

        Assert.NotNull(Load(path));
    }

    [Fact]
    public void Two_keys_in_one_file_are_refused()
    {
        var path = Tool.MakeSshKey(folder, "ed25519");
        File.AppendAllText(path, File.ReadAllText(path));

        Refuses($"The signing key '{path}' holds 2 private keys: leave only one.", path);
    }

    [Fact]
    public void A_missing_blank_line_after_the_headers_is_an_error()
    {
        var path = Tool.MakeSshKey(folder, "rsa", 2048, Passphrase, "PEM");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\n\n", "\n", StringComparison.Ordinal));

        Refuses($"The signing key '{path}' lacks the blank line between its headers and its content: insert it, or export the key again.", path, Passphrase);
    }

    [Fact]
    public void A_curve_that_ssh_does_not_know_is_refused()
    {
        var path = folder.Combine("secp256k1");
        Tool.Run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-out", path);

        Assert.Equal(ExitCode.Usage, Assert.Throws<JobException>(() => Load(path)).ExitCode);
    }

    [Theory]
    [InlineData(" \n", "is empty: store an SSH private key in it")]
    [InlineData("hello\n", "contains text without the BEGIN and END lines of PEM instead of an SSH private key: give the file that ssh-keygen wrote, with its BEGIN and END lines")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "contains a certificate instead of an SSH private key: give the file that ssh-keygen wrote, with its BEGIN and END lines")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test\n", "contains a public key instead of an SSH private key: give the file without .pub")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "contains a public key instead of an SSH private key: give the file without .pub")]
    [InlineData("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n", "contains an OpenPGP block that is not a private key instead of an armored OpenPGP private key: export it with 'gpg --armor --export-secret-keys KEYID'")]
    public void A_file_without_a_private_key_is_an_error(string content, string fault)
    {
        var path = folder.Write("key", content);

        Refuses($"The signing key '{path}' {fault}.", path);
    }

    [Fact]
    public void A_binary_key_is_an_error()
    {
        var path = folder.Combine("binary");
        File.WriteAllBytes(path, [0x95, 0x01, 0x02]);

        Refuses($"The signing key '{path}' contains a binary OpenPGP key instead of an SSH private key: export it with 'gpg --armor --export-secret-keys KEYID'.", path);
    }

    [Fact]
    public void A_missing_file_is_an_error() => Refuses(
        $"There is no signing key '{folder.Combine("none")}': check --signing-key and that the Secret is mounted.",
        folder.Combine("none"));

    [Theory]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(300)]
    public void A_truncated_key_is_refused(int length)
    {
        var whole = File.ReadAllText(Tool.MakeSshKey(folder, "ed25519"));
        var path = folder.Write("truncated", whole[..length] + "\n-----END OPENSSH " + "PRIVATE KEY-----\n");

        Assert.Equal(ExitCode.Usage, Assert.Throws<JobException>(() => Load(path)).ExitCode);
    }

    private static ICommitSigner Load(string path, string? passphrase = null) =>
        CommitSigners.Load(path, passphrase, null, TimeProvider.System);

    private static void Refuses(string message, string path, string? passphrase = null)
    {
        var fault = Assert.Throws<JobException>(() => Load(path, passphrase));
        Assert.Equal(message, fault.Message);
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
    }
}
