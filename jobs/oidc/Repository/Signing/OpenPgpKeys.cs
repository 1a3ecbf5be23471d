using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>Selects the signing key of a key ring, as gpg does: the newest subkey that may sign, else the primary key.</summary>
internal static class OpenPgpKeys
{
    /// <exception cref="JobException">No key of the ring can sign; the message contains the reason for each (exit code 2).</exception>
    public static PgpSecretKey ChooseSigningKey(PgpSecretKeyRing ring, KeyFile file, DateTimeOffset now)
    {
        var primary = ring.GetPublicKey();
        var faults = new List<string>();
        foreach (var key in ring.GetSecretKeys().OrderBy(static key => key.IsMasterKey).ThenByDescending(static key => key.PublicKey.CreationTime))
        {
            if (FaultOf(key, primary, now) is not { } fault)
            {
                return key;
            }

            faults.Add($"{IdOf(key.PublicKey)} {fault}");
        }

        throw file.Fault($"has no key that can sign now ({string.Join("; ", faults)}): export a valid RSA, ECDSA or ed25519 key for signing, with its private half");
    }

    /// <summary>The last 16 digits of the fingerprint, as gpg's <c>--keyid-format long</c> shows them.</summary>
    private static string IdOf(PgpPublicKey key) => key.KeyId.ToString("X16", CultureInfo.InvariantCulture);

    private static string? FaultOf(PgpSecretKey key, PgpPublicKey primary, DateTimeOffset now)
    {
        var rules = OpenPgpSelfSignatures.Of(key.PublicKey, primary);
        return key switch
        {
            // The subkeys of an expired or revoked primary key are invalid too.
            { IsMasterKey: false } when ValidityFault(primary, OpenPgpSelfSignatures.Of(primary, primary), now) is { } invalid => $"belongs to {IdOf(primary)}, which {invalid}",
            _ when ValidityFault(key.PublicKey, rules, now) is { } invalid => invalid,
            _ when !MaySign(key.PublicKey, rules) => "is not for signing",
            { IsPrivateKeyEmpty: true } or { S2k.Type: S2k.GnuDummyS2K } => "is without its private half",
            { S2kUsage: SecretKeyPacket.UsageAead } => "is protected by AEAD, which is not supported",
            _ when !IsSupported(key.PublicKey.Algorithm) => "has an algorithm that is not supported",
            _ => null,
        };
    }

    private static string? ValidityFault(PgpPublicKey key, OpenPgpSelfSignatures rules, DateTimeOffset now)
    {
        var created = new DateTimeOffset(DateTime.SpecifyKind(key.CreationTime, DateTimeKind.Utc));
        return rules.IsRevoked ? "is revoked"
            : created > now ? $"was created at {Sentence.Time(created)}, which is in the future"
            : rules.Lifetime is { } lifetime && created + lifetime <= now ? $"expired at {Sentence.Time(created + lifetime)}"
            : null;
    }

    private static bool MaySign(PgpPublicKey key, OpenPgpSelfSignatures rules) => rules.Flags is { } flags
        ? (flags & KeyFlags.SignData) != 0
        : key.Algorithm is not (PublicKeyAlgorithmTag.RsaEncrypt or PublicKeyAlgorithmTag.ElGamalEncrypt or PublicKeyAlgorithmTag.ElGamalGeneral
            or PublicKeyAlgorithmTag.ECDH or PublicKeyAlgorithmTag.X25519 or PublicKeyAlgorithmTag.X448);

    private static bool IsSupported(PublicKeyAlgorithmTag algorithm) => algorithm is PublicKeyAlgorithmTag.RsaGeneral
        or PublicKeyAlgorithmTag.RsaSign or PublicKeyAlgorithmTag.ECDsa or PublicKeyAlgorithmTag.EdDsa_Legacy;
}

/// <summary>The properties of an OpenPGP key in its self-signatures; the newest counts (RFC 9580, section 5.2.3.10).</summary>
/// <param name="IsRevoked">Whether the owner revoked it, for whatever reason.</param>
/// <param name="Lifetime">How long it is valid after its creation; null for unlimited.</param>
/// <param name="Flags">Its permitted uses (RFC 9580, section 5.2.3.29); null if not stated.</param>
internal sealed record OpenPgpSelfSignatures(bool IsRevoked, TimeSpan? Lifetime, int? Flags)
{
    public static OpenPgpSelfSignatures Of(PgpPublicKey key, PgpPublicKey primary)
    {
        var byOwner = key.GetSignatures().Where(signature => signature.KeyId == primary.KeyId).ToList();
        var revocation = key.IsMasterKey ? PgpSignature.KeyRevocation : PgpSignature.SubkeyRevocation;
        var newest = byOwner.Where(signature => IsSelfSignature(signature, key)).MaxBy(signature => signature.CreationTime);
        var hashed = newest?.GetHashedSubPackets();
        return new OpenPgpSelfSignatures(
            byOwner.Any(signature => signature.SignatureType == revocation),
            hashed?.HasKeyExpirationTime() == true && hashed.GetKeyExpirationTime() is var seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            hashed?.HasSubpacket(SignatureSubpacketTag.KeyFlags) == true ? hashed.GetKeyFlags() : null);
    }

    private static bool IsSelfSignature(PgpSignature signature, PgpPublicKey key) => key.IsMasterKey
        ? signature.IsCertification() || signature.SignatureType == PgpSignature.DirectKey
        : signature.SignatureType == PgpSignature.SubkeyBinding;
}
