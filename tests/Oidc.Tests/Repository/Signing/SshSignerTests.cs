namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>SSH keys in every format, which deploy keys have too, and what they sign.</summary>
public sealed class SshSignerTests : IDisposable
{
    private const string Passphrase = "grüne Wiese 42";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ed25519", null, null, null)]
    [InlineData("ed25519", null, Passphrase, null)]
    [InlineData("ecdsa", 256, null, null)]
    [InlineData("ecdsa", 521, null, null)]
    [InlineData("rsa", 2048, null, null)]
    [InlineData("rsa", 2048, null, "PEM")]
    [InlineData("rsa", 2048, Passphrase, "PEM")]
    [InlineData("rsa", 2048, null, "PKCS8")]
    [InlineData("rsa", 2048, Passphrase, "PKCS8")]
    [InlineData("ecdsa", 256, null, "PEM")]
    [InlineData("ecdsa", 256, "secret", "PEM")]
    [InlineData("ecdsa", 384, null, "PKCS8")]
    public async Task Git_accepts_commits_signed_with_a_key_of_each_kind_and_format(string type, int? bits, string? passphrase, string? format)
    {
        using var key = await SshKeyPair.CreateAsync(type, bits, passphrase, format);

        await VerifyAsync(Load(key.PrivateKeyPath, passphrase), key.PublicKey);
    }

    [Theory]
    [InlineData("ed25519", null)]
    [InlineData("ecdsa", 256)]
    [InlineData("ecdsa", 521)]
    [InlineData("rsa", 2048)]
    public async Task Git_accepts_many_signatures_of_one_key(string type, int? bits)
    {
        using var key = await SshKeyPair.CreateAsync(type, bits);

        await VerifyAsync(Load(key.PrivateKeyPath), key.PublicKey, commits: 8);
    }

    [Fact]
    public async Task The_armor_is_what_ssh_keygen_writes()
    {
        // ed25519 signatures are deterministic: the same bytes must come out.
        using var key = await SshKeyPair.CreateAsync();
        var message = _folder.Write("message", "tree 0\n\nSubject\n");
        Tool.Run("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", key.PrivateKeyPath, message);

        Assert.Equal(File.ReadAllText(message + ".sig"), Load(key.PrivateKeyPath).Sign(File.ReadAllBytes(message)));
    }

    [Theory]
    [InlineData(null), InlineData("PEM"), InlineData("PKCS8")]
    public async Task A_wrong_or_missing_passphrase_is_an_error_in_every_format(string? format)
    {
        using var key = await SshKeyPair.CreateAsync("rsa", 2048, Passphrase, format);

        Refuses("cannot be decrypted with the configured passphrase: correct the passphrase", key.PrivateKeyPath, "not that one");
        Refuses("is protected by a passphrase, and none is set: set its passphrase", key.PrivateKeyPath);
    }

    // One wrong passphrase of 256 decrypts a key in PEM form to something with the right padding.
    [Fact]
    public async Task A_wrong_passphrase_is_named_whatever_it_decrypts_a_key_to()
    {
        var file = KeyFile.Of("The signing key", await PrivateKeyAsync("rsa", Passphrase, "PEM"));

        for (var i = 0; i < 2000; i++)
        {
            Assert.Fault(ExitCode.Usage, "correct the passphrase.", () => SshSigner.Open(file, $"wrong {i}"));
        }
    }

    [Fact]
    public async Task A_passphrase_that_an_unprotected_key_does_not_need_is_ignored() => Load(_folder.Write("key", await PrivateKeyAsync("ed25519")), Passphrase);

    [Theory]
    [InlineData(Passphrase, null, Passphrase)]
    [InlineData(Passphrase, Passphrase + "\n", null)]
    [InlineData(null, "", null)]
    public async Task The_settings_open_a_key_with_its_passphrase(string? passphrase, string? file, string? variable)
    {
        using var key = await SshKeyPair.CreateAsync(passphrase: passphrase);
        ICommitSigner? signer = null;
        var (_, error) = await OidcOptionsTests.RunAsync(
            OidcCommands.Publish with { Configure = (_, values) => signer = OidcCommands.ReadSigner(values, TimeProvider.System, NullLogger.Instance) },
            variable is null ? new Dictionary<string, string>() : new() { ["OIDC_SIGNING_KEY_PASSPHRASE"] = variable },
            ["--repository", "OWNER/REPO", "--signing-key", key.PrivateKeyPath, .. file is null ? Array.Empty<string>() : ["--signing-key-passphrase-file", _folder.Write("passphrase", file)]]);

        await VerifyAsync(signer ?? throw new InvalidOperationException(error), key.PublicKey);
    }

    [Theory]
    [InlineData(null), InlineData(Passphrase)]
    public async Task An_ed25519_key_in_PKCS8_as_openssl_writes_it_signs(string? passphrase)
    {
        var (path, der) = (_folder.Combine("pkcs8"), _folder.Combine("public.der"));
        Tool.Run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path, .. passphrase is null ? Array.Empty<string>() : ["-aes-256-cbc", "-pass", $"pass:{passphrase}"]]);

        // OpenSSH 9.2 does not read the file: its public key comes from openssl's own reading.
        Tool.Run("openssl", ["pkey", "-in", path, "-pubout", "-outform", "DER", "-out", der, .. passphrase is null ? Array.Empty<string>() : ["-passin", $"pass:{passphrase}"]]);
        byte[] blob = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. File.ReadAllBytes(der)[^32..]];
        await VerifyAsync(Load(path, passphrase), $"ssh-ed25519 {Convert.ToBase64String(blob)} key");
    }

    [Fact]
    public async Task Parameters_or_a_public_key_before_the_private_one_are_passed_over()
    {
        var path = _folder.Combine("key");
        Tool.Run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-out", path);
        Assert.Contains("BEGIN EC PARAMETERS", File.ReadAllText(path), StringComparison.Ordinal);
        File.WriteAllText(path, Tool.Run("openssl", "pkey", "-in", path, "-pubout") + File.ReadAllText(path));

        await VerifyAsync(Load(path), Tool.Run("ssh-keygen", "-y", "-f", path).Trim());
    }

    [Fact]
    public async Task Two_keys_in_one_file_are_refused()
    {
        var key = await PrivateKeyAsync("ed25519");

        Refuses("holds 2 private keys: leave only one", _folder.Write("key", key + key));
    }

    [Fact]
    public async Task A_missing_blank_line_after_the_headers_is_an_error()
    {
        var key = await PrivateKeyAsync("rsa", Passphrase, "PEM");

        Refuses(
            "lacks the blank line between its headers and its content: insert it, or export the key again", _folder.Write("key", key.Replace("\n\n", "\n", StringComparison.Ordinal)), Passphrase);
    }

    /// <summary>secp256k1 and brainpool have the lengths of NIST curves.</summary>
    [Theory]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -aes-256-cbc -pass pass:secret")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp224r1")]
    [InlineData("genpkey -algorithm ED448")]
    [InlineData("genpkey -algorithm X25519")]
    [InlineData("genpkey -algorithm RSA-PSS")]
    [InlineData("ecparam -name secp256k1 -genkey -noout")]
    [InlineData("ecparam -name secp256k1 -genkey")]
    [InlineData("ecparam -name brainpoolP256r1 -genkey -noout")]
    public void A_key_that_ssh_does_not_know_is_refused_as_such(string command)
    {
        const string Fault = "has an algorithm that is not supported: use an ed25519, ECDSA (P-256, P-384, P-521) or RSA key that is not on a security key";
        var (path, encrypted) = (_folder.Combine("key"), _folder.Combine("encrypted"));
        Tool.Run("openssl", [.. command.Split(' '), "-out", path]);

        Refuses(Fault, path, "secret");
        if (command.StartsWith("ecparam", StringComparison.Ordinal))
        {
            Tool.Run("openssl", "ec", "-in", path, "-aes128", "-passout", "pass:secret", "-out", encrypted);
            Refuses(Fault, path);
            Refuses(Fault, encrypted, "secret");
        }
    }

    [Theory]
    [InlineData("ecparam -name prime256v1 -genkey -noout -param_enc explicit")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -pkeyopt ec_param_enc:explicit")]
    public async Task A_key_with_explicit_curve_parameters_is_refused_with_the_command_that_converts_it(string command)
    {
        var (path, converted) = (_folder.Combine("key"), _folder.Combine("converted"));
        Tool.Run("openssl", [.. command.Split(' '), "-out", path]);

        foreach (var passphrase in new[] { null, "secret" })
        {
            Refuses("has explicit curve parameters, which are not supported: convert it with 'openssl ec -in KEY -param_enc named_curve -out NEW-KEY'", path, passphrase);
        }

        Tool.Run("openssl", "ec", "-in", path, "-param_enc", "named_curve", "-out", converted);
        await VerifyAsync(Load(converted), Tool.Run("ssh-keygen", "-y", "-f", converted).Trim());
    }

    [Theory]
    [InlineData(" \n", "is empty: store an SSH private key in it")]
    [InlineData("hello\n", "contains text without the BEGIN and END lines of PEM instead of an SSH private key: give the file that ssh-keygen wrote, with its BEGIN and END lines")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test\n", "contains a public key instead of an SSH private key: give the file without .pub")]
    [InlineData("-----BEGIN DSA " + "PRIVATE KEY-----\nAAAA\n-----END DSA " + "PRIVATE KEY-----\n", "is a DSA key, which Git hosts no longer accept: use an ed25519, ECDSA or RSA key")]
    [InlineData("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n", "contains an OpenPGP block that is not a private key instead of an armored OpenPGP private key: export it with 'gpg --armor --export-secret-keys KEYID'")]
    public void A_file_without_a_private_key_is_an_error(string content, string fault) => Refuses(fault, _folder.Write("key", content));

    [Fact]
    public void A_path_without_a_file_is_an_error()
    {
        Refuses("is a directory: name a file in it, or correct --signing-key", _folder.Path);
        Refuses("cannot be read: grant this user access (fsGroup and defaultMode of the volume)", "/proc/self/mem");
        Assert.Fault(
            ExitCode.Usage, $"There is no signing key '{_folder.Combine("none")}': check --signing-key and that the Secret is mounted.", () => Load(_folder.Combine("none")));
    }

    [Theory]
    [InlineData(60), InlineData(300)]
    public async Task A_truncated_key_is_refused(int length)
    {
        var whole = await PrivateKeyAsync("ed25519");

        Refuses("is not a valid private key: check that the file is complete", _folder.Write("truncated", whole[..length] + "\n-----END OPENSSH " + "PRIVATE KEY-----\n"));
    }

    private static ICommitSigner Load(string path, string? passphrase = null) => CommitSigners.Load(path, passphrase, TimeProvider.System);

    private static async Task<string> PrivateKeyAsync(string type, string? passphrase = null, string? format = null)
    {
        using var key = await SshKeyPair.CreateAsync(type, type == "rsa" ? 2048 : null, passphrase, format);
        return await File.ReadAllTextAsync(key.PrivateKeyPath);
    }

    /// <summary>Commits; git accepts the signatures.</summary>
    private static Task VerifyAsync(ICommitSigner signer, string publicKey, int commits = 1) => TestRepository.CommitSignedAsync(
        signer,
        (repository, commit) => Assert.Contains($"Good \"git\" signature for {TestRepository.Committer}", Tool.VerifyWithSsh(repository, commit, publicKey), StringComparison.Ordinal),
        commits);

    private static void Refuses(string fault, string path, string? passphrase = null) =>
        Assert.Fault(ExitCode.Usage, $"The signing key '{path}' {fault}.", () => Load(path, passphrase));
}
