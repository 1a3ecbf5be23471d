using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.Signing;

namespace ClusterTrust.Oidc.Tests.Repository.Signing;

public sealed class SshSignerTests : IDisposable
{
    private const string Passphrase = "grüne Wiese 42";

    private readonly TempFolder folder = new();

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
        var path = SshKeygen.MakeKey(folder, type, bits, passphrase, format);
        var signer = Load(path, passphrase);
        using var repository = new SignedRepository();

        var verdict = repository.VerifyWithSsh(repository.Commit(signer), File.ReadAllText(path + ".pub"));

        Assert.Contains($"Good \"git\" signature for {SignedRepository.Committer}", verdict, StringComparison.Ordinal);
        Assert.Contains(((SshSigner)signer).Fingerprint, Tool.Run("ssh-keygen", "-l", "-f", path + ".pub"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ed25519", null)]
    [InlineData("ecdsa", 256)]
    [InlineData("ecdsa", 521)]
    [InlineData("rsa", 2048)]
    public void Git_accepts_many_signatures_of_one_key(string type, int? bits)
    {
        var path = SshKeygen.MakeKey(folder, type, bits);
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
        var path = SshKeygen.MakeKey(folder, "ed25519");
        var message = folder.Write("message", "tree 0\n\nSubject\n");
        Tool.Run("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", path, message);

        Assert.Equal(File.ReadAllText(message + ".sig"), Load(path).Sign(File.ReadAllBytes(message)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("PEM")]
    [InlineData("PKCS8")]
    public void A_wrong_passphrase_is_told_in_every_format(string? format)
    {
        var path = SshKeygen.MakeKey(folder, "rsa", 2048, Passphrase, format);

        Refuses($"The signing key {path} cannot be opened with the configured passphrase: correct the passphrase of the signing key.", path, "not that one");
    }

    // One wrong passphrase of 256 decrypts a key in PEM form to something with the right padding.
    [Fact]
    public void Whatever_a_wrong_passphrase_decrypts_a_key_to_is_told_as_a_wrong_passphrase()
    {
        var path = SshKeygen.MakeKey(folder, "rsa", 2048, Passphrase, "PEM");
        var text = File.ReadAllText(path);

        for (var i = 0; i < 2000; i++)
        {
            var fault = Assert.Throws<JobException>(() => SshSigner.Read(text, $"wrong {i}", path));
            Assert.EndsWith("correct the passphrase of the signing key.", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("PEM")]
    [InlineData("PKCS8")]
    public void A_missing_passphrase_is_told_in_every_format(string? format)
    {
        var path = SshKeygen.MakeKey(folder, "rsa", 2048, Passphrase, format);

        Refuses($"The signing key {path} is protected by a passphrase and none is configured: set the passphrase of the signing key.", path);
    }

    [Fact]
    public void A_passphrase_that_an_unprotected_key_does_not_need_is_ignored() =>
        Assert.NotNull(Load(SshKeygen.MakeKey(folder, "ed25519"), Passphrase));

    [Fact]
    public void A_passphrase_file_may_end_in_a_line_feed()
    {
        var path = SshKeygen.MakeKey(folder, "ed25519", passphrase: Passphrase);

        Assert.NotNull(CommitSigners.Load(path, null, folder.Write("passphrase", Passphrase + "\n"), TimeProvider.System));
    }

    [Fact]
    public void An_ed25519_key_in_pkcs8_form_is_refused_since_it_would_be_read_as_another_key()
    {
        var path = folder.File("pkcs8");
        Tool.Run("openssl", "genpkey", "-algorithm", "ed25519", "-out", path);

        Refuses($"The signing key {path} is an ed25519 key in PKCS#8 form, which is not supported: convert it with ssh-keygen -p -f FILE, or make one with ssh-keygen -t ed25519.", path);
    }

    [Fact]
    public void A_public_key_is_told_from_a_private_one()
    {
        var path = SshKeygen.MakeKey(folder, "ed25519") + ".pub";

        Refuses($"The signing key {path} is a public key: put the private one there, the file without .pub.", path);
    }

    [Fact]
    public void A_curve_that_ssh_does_not_know_is_refused()
    {
        var path = folder.File("secp256k1");
        Tool.Run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-out", path);

        Assert.Equal(ExitCode.Usage, Assert.Throws<JobException>(() => Load(path)).ExitCode);
    }

    [Theory]
    [InlineData(" \n", "is empty: put an armored OpenPGP or an OpenSSH private key there")]
    [InlineData("hello\n", "holds no private key: put an armored OpenPGP private key there (it starts with -----BEGIN PGP PRIVATE KEY BLOCK-----) or an OpenSSH one")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds no private key: put an armored OpenPGP private key there (it starts with -----BEGIN PGP PRIVATE KEY BLOCK-----) or an OpenSSH one")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "is a public key: put the private one there, the file without .pub")]
    public void A_file_without_a_private_key_is_told(string content, string fault)
    {
        var path = folder.Write("key", content);

        Refuses($"The signing key {path} {fault}.", path);
    }

    [Fact]
    public void A_binary_key_is_told()
    {
        var path = folder.File("binary");
        File.WriteAllBytes(path, [0x95, 0x01, 0x02]);

        Refuses($"The signing key {path} is binary: export it as text, with gpg --armor --export-secret-keys KEYID.", path);
    }

    [Fact]
    public void A_missing_file_is_told() => Refuses(
        $"There is no signing key '{folder.File("none")}': check --signing-key and that the Secret is mounted.",
        folder.File("none"));

    [Theory]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(300)]
    public void A_truncated_key_is_refused(int length)
    {
        var whole = File.ReadAllText(SshKeygen.MakeKey(folder, "ed25519"));
        var path = folder.Write("truncated", whole[..length] + "\n-----END OPENSSH " + "PRIVATE KEY-----\n");

        Assert.Equal(ExitCode.Usage, Assert.Throws<JobException>(() => Load(path)).ExitCode);
    }

    [Fact]
    public void Windows_line_ends_and_a_missing_last_one_do_not_matter()
    {
        var path = SshKeygen.MakeKey(folder, "ed25519");
        File.WriteAllText(path, File.ReadAllText(path).TrimEnd().ReplaceLineEndings("\r\n"));

        Assert.NotNull(Load(path));
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
