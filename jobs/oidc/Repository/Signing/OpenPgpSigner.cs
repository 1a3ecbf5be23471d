using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>Signs commits with an OpenPGP key (RSA, ed25519, ECDSA on a NIST curve), as <c>git commit -S</c> does by means of gpg.</summary>
internal sealed class OpenPgpSigner(PgpPublicKey publicKey, PgpPrivateKey privateKey, TimeProvider clock) : ICommitSigner
{
    /// <summary>Opens a private key and selects the key or subkey that signs.</summary>
    /// <exception cref="JobException">The key cannot be opened or cannot sign (exit code 2).</exception>
    internal static OpenPgpSigner Open(KeyFile file, string? passphrase, TimeProvider clock)
    {
        var key = ReadKey(file, clock.GetUtcNow());
        if (key.KeyEncryptionAlgorithm != SymmetricKeyAlgorithmTag.Null && string.IsNullOrEmpty(passphrase))
        {
            throw file.PassphraseMissing();
        }

        try
        {
            // gpg takes a passphrase as UTF-8; an unprotected key ignores it.
            var signer = new OpenPgpSigner(key.PublicKey, key.ExtractPrivateKeyUtf8((passphrase ?? "").ToCharArray()), clock);
            signer.RequireMatchingHalves();
            return signer;
        }
        catch (Exception wrong) when (wrong is PgpException or CryptoException or ArgumentException or IOException or InvalidOperationException)
        {
            throw key.KeyEncryptionAlgorithm == SymmetricKeyAlgorithmTag.Null
                ? file.Fault("is damaged: export it again, with gpg --armor --export-secret-keys KEYID", wrong)
                : file.PassphraseWrong(wrong);
        }
    }

    public string Sign(ReadOnlySpan<byte> commitBuffer)
    {
        using var armored = new MemoryStream();
        using (var armor = new ArmoredOutputStream(armored, addVersionHeader: false))
        {
            SignDetached(commitBuffer).Encode(armor);
        }

        return Encoding.ASCII.GetString(armored.GetBuffer(), 0, (int)armored.Length).ReplaceLineEndings("\n");
    }

    private static PgpSecretKey ReadKey(KeyFile file, DateTimeOffset now)
    {
        try
        {
            using var armor = new ArmoredInputStream(new MemoryStream(Encoding.UTF8.GetBytes(file.Text)));
            return new PgpSecretKeyRingBundle(armor).GetKeyRings().ToArray() switch
            {
                [var only] => OpenPgpKeys.ChooseSigningKey(only, file, now),
                [] => throw file.Fault("contains no OpenPGP private key: export one with gpg --armor --export-secret-keys KEYID"),
                var rings => throw file.Fault($"contains {rings.Length} OpenPGP keys: export only one, with gpg --armor --export-secret-keys KEYID"),
            };
        }
        catch (Exception broken) when (broken is PgpException or UnsupportedPacketVersionException or IOException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw file.Fault("is damaged, or an OpenPGP key of a version or algorithm that is not supported: check that the file is complete, and use a version 4 key (RSA, ECDSA, ed25519), as gpg makes it", broken);
        }
    }

    private PgpSignature SignDetached(ReadOnlySpan<byte> data)
    {
        var hashed = new PgpSignatureSubpacketGenerator();
        hashed.SetSignatureCreationTime(false, clock.GetUtcNow().UtcDateTime);
        hashed.SetIssuerFingerprint(false, publicKey);
        var unhashed = new PgpSignatureSubpacketGenerator();
        unhashed.SetIssuerKeyID(false, publicKey.KeyId);

        var generator = new PgpSignatureGenerator(publicKey.Algorithm, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.BinaryDocument, privateKey);
        generator.SetHashedSubpackets(hashed.Generate());
        generator.SetUnhashedSubpackets(unhashed.Generate());
        generator.Update(data);
        return generator.Generate();
    }

    /// <summary>A key that is protected by a checksum of only 16 bits accepts one wrong passphrase in 65,536.</summary>
    private void RequireMatchingHalves()
    {
        var probe = "probe"u8;
        var signature = SignDetached(probe);
        signature.InitVerify(publicKey);
        signature.Update(probe);
        if (!signature.Verify())
        {
            throw new PgpException("The private half does not match the public one.");
        }
    }
}
