using Org.BouncyCastle.Bcpg.OpenPgp;

namespace ClusterTrust.Oidc.Repository.Signing;

/// <summary>What the owner of an OpenPGP key says of it in its self-signatures; the newest counts (RFC 9580, section 5.2.3.10).</summary>
/// <param name="IsRevoked">Whether the owner revoked it, for whatever reason.</param>
/// <param name="Lifetime">How long it is valid from its creation on, or null for ever.</param>
/// <param name="Flags">What it may be used for (RFC 9580, section 5.2.3.29), or null when nothing is said.</param>
internal sealed record OpenPgpSelfSignatures(bool IsRevoked, TimeSpan? Lifetime, int? Flags)
{
    /// <summary>Reads the self-signatures of a primary key or of one of its subkeys.</summary>
    public static OpenPgpSelfSignatures Of(PgpPublicKey key, PgpPublicKey primary)
    {
        var byOwner = key.GetSignatures().Where(signature => signature.KeyId == primary.KeyId).ToList();
        var revocation = key.IsMasterKey ? PgpSignature.KeyRevocation : PgpSignature.SubkeyRevocation;
        var newest = byOwner.Where(signature => Speaks(signature, key)).MaxBy(signature => signature.CreationTime);
        var hashed = newest?.GetHashedSubPackets();
        return new OpenPgpSelfSignatures(
            byOwner.Any(signature => signature.SignatureType == revocation),
            hashed?.HasKeyExpirationTime() == true && hashed.GetKeyExpirationTime() is var seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            hashed?.HasSubpacket(Org.BouncyCastle.Bcpg.SignatureSubpacketTag.KeyFlags) == true ? hashed.GetKeyFlags() : null);
    }

    private static bool Speaks(PgpSignature signature, PgpPublicKey key) => key.IsMasterKey
        ? signature.IsCertification() || signature.SignatureType == PgpSignature.DirectKey
        : signature.SignatureType == PgpSignature.SubkeyBinding;
}
