using System.Globalization;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>Picks the key of a ring that signs, as gpg does: the newest subkey that may sign, else the primary key.</summary>
internal static class OpenPgpKeys
{
    /// <exception cref="JobException">No key of the ring can sign; the message says why for each (exit code 2).</exception>
    public static PgpSecretKey ChooseSigningKey(PgpSecretKeyRing ring, KeyFile file, DateTimeOffset now)
    {
        var primary = ring.GetPublicKey();
        var rules = OpenPgpSelfSignatures.Of(primary, primary);

        // An expired or revoked primary key takes its subkeys with it.
        if (ValidityFault(primary, rules, now) is { } invalid)
        {
            throw file.Fault($"{invalid.Fault}: {invalid.Cure}");
        }

        var faults = new List<KeyFault>();
        foreach (var key in ring.GetSecretKeys().OrderBy(key => key.IsMasterKey).ThenByDescending(key => key.PublicKey.CreationTime))
        {
            if (FaultOf(key, primary, now) is not { } fault)
            {
                return key;
            }

            faults.Add(fault);
        }

        // Keys that are not for signing are named last: the reader looks for the one that should sign.
        faults.Sort((one, other) => one.Rank.CompareTo(other.Rank));
        throw file.Fault($"cannot sign, since it {string.Join(", and it ", faults.Select(fault => fault.Fault).Distinct())}: {faults[0].Cure}");
    }

    /// <summary>The last 16 digits of the fingerprint, as gpg's <c>--keyid-format long</c> shows them.</summary>
    public static string IdOf(PgpPublicKey key) => key.KeyId.ToString("X16", CultureInfo.InvariantCulture);

    private static KeyFault? FaultOf(PgpSecretKey key, PgpPublicKey primary, DateTimeOffset now)
    {
        var publicKey = key.PublicKey;
        var rules = OpenPgpSelfSignatures.Of(publicKey, primary);
        return key switch
        {
            { IsMasterKey: false } when ValidityFault(publicKey, rules, now) is { } invalid => invalid,
            _ when !MaySign(publicKey, rules) =>
                new KeyFault(3, $"has the key {IdOf(publicKey)} that is not for signing", "use a key with the capability to sign, or add such a subkey"),
            { IsPrivateKeyEmpty: true } or { S2k.Type: S2k.GnuDummyS2K } => new KeyFault(
                1, $"is without the private half of {IdOf(publicKey)}", "export it where the private key is, not from a smart card, with gpg --armor --export-secret-subkeys KEYID"),
            _ when !IsSupported(publicKey.Algorithm) =>
                new KeyFault(2, $"has the key {IdOf(publicKey)} of an algorithm that cannot sign commits here", "use an RSA, an ECDSA or an ed25519 key"),
            _ => null,
        };
    }

    private static KeyFault? ValidityFault(PgpPublicKey key, OpenPgpSelfSignatures rules, DateTimeOffset now)
    {
        var created = new DateTimeOffset(DateTime.SpecifyKind(key.CreationTime, DateTimeKind.Utc));
        return rules switch
        {
            { IsRevoked: true } => new KeyFault(0, $"has the key {IdOf(key)} that is revoked", "use another key"),
            _ when created > now => new KeyFault(0, $"has the key {IdOf(key)} that was made at {Sentence.Time(created)}, which is in the future", "set this machine's clock"),
            { Lifetime: { } lifetime } when created + lifetime <= now => new KeyFault(
                0, $"has the key {IdOf(key)} that expired at {Sentence.Time(created + lifetime)}", "extend it with gpg --quick-set-expire and export it again, or use another key"),
            _ => null,
        };
    }

    private static bool MaySign(PgpPublicKey key, OpenPgpSelfSignatures rules) => rules.Flags is { } flags
        ? (flags & KeyFlags.SignData) != 0
        : key.Algorithm is not (PublicKeyAlgorithmTag.RsaEncrypt or PublicKeyAlgorithmTag.ElGamalEncrypt or PublicKeyAlgorithmTag.ElGamalGeneral
            or PublicKeyAlgorithmTag.ECDH or PublicKeyAlgorithmTag.X25519 or PublicKeyAlgorithmTag.X448);

    private static bool IsSupported(PublicKeyAlgorithmTag algorithm) => algorithm is PublicKeyAlgorithmTag.RsaGeneral
        or PublicKeyAlgorithmTag.RsaSign or PublicKeyAlgorithmTag.ECDsa or PublicKeyAlgorithmTag.EdDsa_Legacy;

    private sealed record KeyFault(int Rank, string Fault, string Cure);
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
