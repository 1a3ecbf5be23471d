namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>SSH keys in every format, which deploy keys have too, and what they sign.</summary>
public sealed class SshSignerTests : IDisposable
{
    private const string Passphrase = "grüne Wiese 42";
    private const string NoBlankLine = "lacks the blank line between its headers and its content: insert it, or export the key again";
    private const string ManyRounds = "takes too many rounds to decrypt: copy the file again if it is damaged, or encrypt it again with 'ssh-keygen -p -f KEY'";
    private const string NotValid = "is not a valid private key: check that the file is complete";

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.Combine("key");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ed25519", null, null, null, 8), InlineData("ed25519", null, Passphrase, null)]
    [InlineData("ecdsa", 256, null, null, 8), InlineData("ecdsa", 521, null, null, 8)]
    [InlineData("rsa", 2048, null, null, 8)]
    [InlineData("rsa", 2048, null, "PEM"), InlineData("rsa", 2048, Passphrase, "PEM")]
    [InlineData("rsa", 2048, null, "PKCS8"), InlineData("rsa", 2048, Passphrase, "PKCS8")]
    [InlineData("ecdsa", 256, null, "PEM"), InlineData("ecdsa", 256, "secret", "PEM")]
    [InlineData("ecdsa", 384, null, "PKCS8")]
    public async Task Git_accepts_commits_signed_with_a_key_of_each_kind_and_format(string type, int? bits, string? passphrase, string? format, int commits = 1)
    {
        using var key = await SshKeyPair.CreateAsync(type, bits, passphrase, format);
        await VerifyAsync(Load(key.PrivateKeyPath, passphrase), key.PublicKey, commits);
    }

    /// <summary>ed25519 signatures are deterministic: the same bytes must come out. A passphrase that the key does not need is ignored.</summary>
    [Fact]
    public async Task The_armor_is_what_ssh_keygen_writes()
    {
        using var key = await SshKeyPair.CreateAsync();
        var message = _folder.Write("message", "tree 0\n\nSubject\n");
        Tool.Run("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", key.PrivateKeyPath, message);
        Assert.Equal(File.ReadAllText(message + ".sig"), Load(key.PrivateKeyPath, Passphrase).Sign(File.ReadAllBytes(message)));
    }

    [Theory]
    [InlineData(null), InlineData("PEM"), InlineData("PKCS8")]
    public async Task A_wrong_or_missing_passphrase_is_an_error_in_every_format(string? format)
    {
        using var key = await SshKeyPair.CreateAsync("rsa", 2048, Passphrase, format);
        Refuses("cannot be decrypted with the configured passphrase: correct the passphrase, or copy the key again if the file is damaged", key.PrivateKeyPath, "not that one");
        Refuses("is protected by a passphrase, and none is set: set its passphrase", key.PrivateKeyPath);
    }

    /// <summary>One wrong passphrase of 256 decrypts a key in PEM form to something with the right padding.</summary>
    [Fact]
    public async Task A_wrong_passphrase_is_named_whatever_it_decrypts_a_key_to()
    {
        using var key = await SshKeyPair.CreateAsync("rsa", 2048, Passphrase, "PEM");
        var file = KeyFile.Of("The signing key", await File.ReadAllTextAsync(key.PrivateKeyPath));
        for (var i = 0; i < 2000; i++)
        {
            Assert.Fault(ExitCode.Usage, "correct the passphrase, or", () => SshSigner.Open(file, $"wrong {i}"));
        }
    }

    [Theory]
    [InlineData(Passphrase, null, Passphrase), InlineData(Passphrase, Passphrase + "\n", null)]
    [InlineData(null, "", null)]
    public async Task The_settings_open_a_key_with_its_passphrase(string? passphrase, string? file, string? variable)
    {
        using var key = await SshKeyPair.CreateAsync(passphrase: passphrase);
        var signer = await OidcOptionsTests.ReadAsync(
            static values => OidcCommands.ReadSigner(values, TimeProvider.System, NullLogger.Instance),
            new Dictionary<string, string> { ["OIDC_SIGNING_KEY_PASSPHRASE"] = variable ?? "" },
            ["--repository", "OWNER/REPO", "--signing-key", key.PrivateKeyPath, .. file is null ? Array.Empty<string>() : ["--signing-key-passphrase-file", _folder.Write("passphrase", file)]]);
        await VerifyAsync(signer!, key.PublicKey);
    }

    [Theory]
    [InlineData(null), InlineData(Passphrase)]
    public async Task An_ed25519_key_in_PKCS8_as_openssl_writes_it_signs(string? passphrase)
    {
        var der = _folder.Combine("public.der");
        OpenSsl(["genpkey", "-algorithm", "ed25519", "-out", Path, .. passphrase is null ? Array.Empty<string>() : ["-aes-256-cbc", "-pass", $"pass:{passphrase}"]]);

        // OpenSSH 9.2 does not read the file: its public key comes from openssl's own reading.
        OpenSsl(["pkey", "-in", Path, "-pubout", "-outform", "DER", "-out", der, .. passphrase is null ? Array.Empty<string>() : ["-passin", $"pass:{passphrase}"]]);
        byte[] blob = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. File.ReadAllBytes(der)[^32..]];
        await VerifyAsync(Load(Path, passphrase), $"ssh-ed25519 {Convert.ToBase64String(blob)} key");

        OpenSsl("pkcs8", "-topk8", "-scrypt", "-in", Path, "-passin", $"pass:{passphrase}", "-passout", "pass:secret", "-out", der);
        Refuses("is encrypted by means of scrypt, which is not supported: convert it with 'openssl pkcs8 -topk8 -in KEY -out NEW-KEY'", der, "secret");
        OpenSsl("pkcs8", "-topk8", "-iter", "1048576", "-in", Path, "-passin", $"pass:{passphrase}", "-passout", "pass:secret", "-out", der);
        Refuses(ManyRounds, der, "secret");
    }

    [Fact]
    public async Task Parameters_or_a_public_key_before_the_private_one_are_passed_over()
    {
        OpenSsl("ecparam", "-name", "prime256v1", "-genkey", "-out", Path);
        var key = File.ReadAllText(Path);
        Assert.Contains("BEGIN EC PARAMETERS", key, StringComparison.Ordinal);
        File.WriteAllText(Path, OpenSsl("pkey", "-in", Path, "-pubout") + key);
        await VerifyAsync(Load(Path), Tool.Run("ssh-keygen", "-y", "-f", Path).Trim());
    }

    /// <summary>secp256k1 and brainpool have the lengths of NIST curves.</summary>
    [Theory]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -aes-256-cbc -pass pass:secret")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp224r1")]
    [InlineData("genpkey -algorithm ED448"), InlineData("genpkey -algorithm X25519"), InlineData("genpkey -algorithm RSA-PSS")]
    [InlineData("ecparam -name secp256k1 -genkey -noout"), InlineData("ecparam -name secp256k1 -genkey"), InlineData("ecparam -name brainpoolP256r1 -genkey -noout")]
    public void A_key_that_ssh_does_not_know_is_refused_as_such(string command)
    {
        const string Fault = "has an algorithm that is not supported: use an ed25519, ECDSA (P-256, P-384, P-521) or RSA key that is not on a security key";
        OpenSsl([.. command.Split(' '), "-out", Path]);
        Refuses(Fault, Path, "secret");
        if (command.StartsWith("ecparam", StringComparison.Ordinal))
        {
            var encrypted = _folder.Combine("encrypted");
            OpenSsl("ec", "-in", Path, "-aes128", "-passout", "pass:secret", "-out", encrypted);
            Refuses(Fault, Path);
            Refuses(Fault, encrypted, "secret");
        }
    }

    [Theory]
    [InlineData("ecparam -name prime256v1 -genkey -noout -param_enc explicit")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -pkeyopt ec_param_enc:explicit")]
    public async Task A_key_with_explicit_curve_parameters_is_refused_with_the_command_that_converts_it(string command)
    {
        const string Fault = "has explicit curve parameters, which are not supported: convert it with 'openssl ec -in KEY -param_enc named_curve -out NEW-KEY'";
        var converted = _folder.Combine("converted");
        OpenSsl([.. command.Split(' '), "-out", Path]);
        Refuses(Fault, Path);
        Refuses(Fault, Path, "secret");
        OpenSsl("ec", "-in", Path, "-param_enc", "named_curve", "-out", converted);
        await VerifyAsync(Load(converted), Tool.Run("ssh-keygen", "-y", "-f", converted).Trim());
    }

    [Theory]
    [InlineData(" \n", "is empty: store an SSH private key in it")]
    [InlineData("hello\n", "contains text without the BEGIN and END lines of PEM instead of an SSH private key: give the file that ssh-keygen wrote, with its BEGIN and END lines")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test\n", "contains a public key instead of an SSH private key: give the file without .pub")]
    [InlineData("-----BEGIN DSA " + "PRIVATE KEY-----\nAAAA\n-----END DSA " + "PRIVATE KEY-----\n", "is a DSA key, which Git hosts no longer accept: use an ed25519, ECDSA or RSA key")]
    [InlineData("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n", "contains an OpenPGP block that is not a private key instead of an armored OpenPGP private key: export it with 'gpg --armor --export-secret-keys KEYID'")]
    public void A_file_without_a_private_key_is_an_error(string content, string fault) => Refuses(fault, _folder.Write("key", content));

    public static TheoryData<string, Func<string, string>, string> Damages => new()
    {
        { "ed25519", static key => key + key, "contains 2 private keys: leave only one" },
        { "ed25519", static key => key.Replace("AAAABG5vbmUA", "cAAABG5vbmUA", StringComparison.Ordinal), NotValid },
        { "ecdsa", static key => key.Replace("AAAAEAAAAAEAAA", "fwAAEAAAAAEAAA", StringComparison.Ordinal), ManyRounds },
        { "ed25519", static key => key[..60] + "\n-----END OPENSSH " + "PRIVATE KEY-----\n", NotValid },
        { "ed25519", static key => key[..300] + "\n-----END OPENSSH " + "PRIVATE KEY-----\n", NotValid },
        { "rsa", static key => key.Replace("\n\n", "\n", StringComparison.Ordinal), NoBlankLine },
    };

    /// <summary>An RSA key is in PEM; it and an ECDSA key are protected.</summary>
    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_file_or_one_with_two_keys_is_refused(string type, Func<string, string> damage, string fault)
    {
        var passphrase = type == "ed25519" ? null : Passphrase;
        using var key = await SshKeyPair.CreateAsync(type, type == "rsa" ? 2048 : null, passphrase, type == "rsa" ? "PEM" : null);
        var (file, before) = (_folder.Write("key", damage(await File.ReadAllTextAsync(key.PrivateKeyPath))), GC.GetAllocatedBytesForCurrentThread());
        Refuses(fault, file, passphrase);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public void A_path_without_a_file_is_an_error()
    {
        Refuses("is a directory: name a file in it, or correct --signing-key", _folder.Path);
        Refuses("cannot be read: grant this user access (fsGroup and defaultMode of the volume)", "/proc/self/mem");
        Assert.Fault(ExitCode.Usage, $"There is no signing key '{Path}': check --signing-key and that the Secret is mounted.", () => Load(Path));
    }

    private static string OpenSsl(params string[] arguments) => Tool.Run("openssl", arguments);

    private static ICommitSigner Load(string path, string? passphrase = null) => CommitSigners.Load(path, passphrase, TimeProvider.System);

    /// <summary>Commits; git accepts the signatures.</summary>
    private static Task VerifyAsync(ICommitSigner signer, string publicKey, int commits = 1) => TestRepository.CommitSignedAsync(
        signer,
        (repository, commit) => Assert.Contains($"Good \"git\" signature for {TestRepository.Committer}", Tool.VerifyWithSsh(repository, commit, publicKey), StringComparison.Ordinal),
        commits);

    private static void Refuses(string fault, string path, string? passphrase = null) =>
        Assert.Fault(ExitCode.Usage, $"The signing key '{path}' {fault}.", () => Load(path, passphrase));
}
