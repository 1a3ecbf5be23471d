namespace ClusterTrust.Oidc.Tests.Repository.Signing;

public sealed class OpenPgpSignerTests(GnuPg gpg) : IClassFixture<GnuPg>
{
    private const string LongAgo = "20240101T000000";

    [Theory]
    [InlineData("rsa2048"), InlineData("rsa3072"), InlineData("ed25519"), InlineData("nistp256"), InlineData("nistp384"), InlineData("nistp521")]
    public async Task Git_accepts_commits_signed_with_a_key_of_each_kind(string algorithm)
    {
        var fingerprint = gpg.MakeKey(algorithm);
        Assert.Contains($"VALIDSIG {fingerprint}", await VerifyAsync(gpg.ExportPrivate(fingerprint)), StringComparison.Ordinal);
    }

    /// <summary>A leading zero byte in a number of the signature turns up once in a hundred or so.</summary>
    [Fact]
    public Task Git_accepts_many_signatures_of_one_key() => VerifyAsync(gpg.PrivateKey, commits: 16);

    [Fact]
    public Task An_unprotected_key_needs_no_passphrase() => VerifyAsync(gpg.ExportPrivate(gpg.MakeKey("ed25519", passphrase: ""), passphrase: ""), passphrase: null);

    [Fact]
    public async Task The_newest_signing_subkey_signs()
    {
        var fingerprint = gpg.MakeKey("ed25519", usage: "cert,sign", at: LongAgo, expire: "never");
        gpg.AddSubkey(fingerprint, "rsa2048", at: "20240102T000000", expire: "never");
        gpg.AddSubkey(fingerprint, "ed25519");
        gpg.AddSubkey(fingerprint, "cv25519", usage: "encr");
        var verdict = await VerifyAsync(gpg.ExportPrivate(fingerprint));

        // By EdDSA (22), and not with the primary key.
        Assert.Matches(@"VALIDSIG \w+ \S+ \d+ \d+ \d+ \d+ 22 ", verdict);
        Assert.DoesNotContain($"VALIDSIG {fingerprint}", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_of_subkeys_only_signs()
    {
        var fingerprint = gpg.MakeKey("ed25519", usage: "cert");
        gpg.AddSubkey(fingerprint, "ed25519");
        await VerifyAsync(gpg.ExportPrivateSubkeys(fingerprint));
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task The_primary_key_signs_if_the_subkey_has_expired_or_is_revoked(bool isExpired)
    {
        var fingerprint = gpg.MakeKey("ed25519", usage: "cert,sign", at: LongAgo, expire: "never");
        gpg.AddSubkey(fingerprint, "ed25519", at: "20240102T000000", expire: isExpired ? "1d" : "never");
        if (!isExpired)
        {
            gpg.RevokeSubkey(fingerprint);
        }

        Assert.Contains($"VALIDSIG {fingerprint}", await VerifyAsync(gpg.ExportPrivate(fingerprint)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_key_is_refused_until_it_is_extended()
    {
        var fingerprint = gpg.MakeKey("ed25519", at: LongAgo, expire: "1d");
        Refuses($"has no key that can sign now ({fingerprint[^16..]} expired at 2024-01-02T00:00:00Z): export a valid RSA, ECDSA or ed25519 key for signing, with its private half.", gpg.ExportPrivate(fingerprint));
        gpg.SetExpiry(fingerprint, "1d");
        await VerifyAsync(gpg.ExportPrivate(fingerprint));
    }

    [Fact]
    public void An_expired_primary_key_takes_its_subkeys_with_it_and_a_key_from_the_future_is_refused()
    {
        var fingerprint = gpg.MakeKey("ed25519", usage: "cert", expire: "1d");
        gpg.AddSubkey(fingerprint, "ed25519", expire: "never");
        var key = gpg.ExportPrivate(fingerprint);
        Refuses($" belongs to {fingerprint[^16..]}, which expired at ", key, clock: new SwiftClock(DateTimeOffset.UtcNow + TimeSpan.FromDays(2)));
        Refuses("which is in the future", key, clock: new SwiftClock(DateTimeOffset.UtcNow + TimeSpan.FromDays(-1)));
    }

    [Fact]
    public void A_key_that_is_revoked_or_otherwise_unfit_is_refused()
    {
        var key = gpg.MakeKey("ed25519");
        Refuses("contains 2 OpenPGP keys: export only one, with gpg --armor --export-secret-keys KEYID.", gpg.ExportPrivateKeys(gpg.Key, key));
        gpg.Revoke(key);
        Refuses($"({key[^16..]} is revoked)", gpg.ExportPrivate(key));
        key = gpg.MakeKey("ed25519", usage: "cert");
        Refuses($"({key[^16..]} is not for signing)", gpg.ExportPrivate(key));
        key = gpg.MakeKey("ed25519", usage: "cert,sign");
        gpg.AddSubkey(key, "cv25519", usage: "encr");
        Refuses($"{key[^16..]} is without its private half", gpg.ExportPrivateSubkeys(key));
        Refuses(" has an algorithm that is not supported", gpg.ExportPrivate(gpg.MakeKey("dsa2048")));
    }

    [Theory]
    [InlineData("not that one", "cannot be decrypted with the configured passphrase: correct the passphrase, or copy the key again if the file is damaged.")]
    [InlineData(null, "is protected by a passphrase, and none is set: set its passphrase.")]
    public void A_wrong_or_missing_passphrase_is_an_error(string? passphrase, string fault) => Refuses(fault, gpg.PrivateKey, passphrase);

    public static TheoryData<Func<string, string>, string> Damages => new()
    {
        { static key => key + key, "contains 2 private keys: leave only one." },
        { static key => key[..60], "is incomplete: its END line is missing; copy the whole file." },
        { static key => key[..400], "is incomplete: its END line is missing; copy the whole file." },
        { static key => With(key, 188, 6), "is damaged, or an OpenPGP key of a version or algorithm that is not supported: check that the file is complete, and use a version 4 key (RSA, ECDSA, ed25519), as gpg makes it." },
        { static key => With(key, 224, 9), "is damaged, or an OpenPGP key of a version or algorithm that is not supported: " }, // the key flags are a time of expiry of one byte
        { static key => With(key, 53, 253, 7, 2, 3, 2), " is protected by AEAD, which is not supported" },
        { static key => string.Join("\n", key.Split("\n\n", 2)), "lacks the blank line between its headers and its content: insert it, or export the key again." },
        { static key => string.Join("\nComment: made by hand\n", key.Split("\n\n", 2)), "lacks the blank line between its headers and its content: insert it, or export the key again." },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_file_that_is_damaged_is_refused(Func<string, string> damage, string fault) => Refuses(fault, damage(gpg.PrivateKey));

    [Fact]
    public Task Windows_line_ends_and_what_surrounds_the_private_block_do_not_matter() =>
        VerifyAsync("\r\n  \r\ngpg (GnuPG) 2.2.40\n" + gpg.ExportPublic(gpg.Key) + gpg.PrivateKey.ReplaceLineEndings("\r\n") + "\r\n\r\n");

    /// <summary>The key with other bytes at this place, and without its checksum.</summary>
    private static string With(string key, int at, params byte[] bytes)
    {
        var parts = key.Split("\n\n");
        var content = Convert.FromBase64String(parts[1].Split("\n=")[0]);
        bytes.CopyTo(content, at);
        return $"{parts[0]}\n\n{Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)}\n-----END PGP PRIVATE KEY BLOCK-----\n";
    }

    private static OpenPgpSigner Read(string key, string? passphrase = GnuPg.Passphrase, TimeProvider? clock = null) =>
        OpenPgpSigner.Open(KeyFile.Of("The signing key 'signing.asc'", key), passphrase, clock ?? TimeProvider.System);

    private static void Refuses(string message, string key, string? passphrase = GnuPg.Passphrase, TimeProvider? clock = null) =>
        Assert.StartsWith("The signing key 'signing.asc' ", Assert.Fault(ExitCode.Usage, message, () => Read(key, passphrase, clock)).Message, StringComparison.Ordinal);

    /// <summary>Commits; git accepts the signature.</summary>
    private async Task<string> VerifyAsync(string key, string? passphrase = GnuPg.Passphrase, int commits = 1)
    {
        var verdict = "";
        await TestRepository.CommitSignedAsync(
            Read(key, passphrase),
            (repository, commit) => Assert.Contains("GOODSIG", verdict = Tool.VerifyWithGpg(repository, commit, gpg), StringComparison.Ordinal),
            commits);
        return verdict;
    }
}
