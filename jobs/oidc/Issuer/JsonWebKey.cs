using System.Buffers.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>A public signing key (RFC 7517) that passed <see cref="KeyRules"/>, which read public members only.</summary>
/// <param name="Kid">The key id, as in the header of every token that the key signs.</param>
/// <param name="Alg">The JWS algorithm, such as <c>RS256</c>; an empty string where a key of an unknown type has none.</param>
/// <param name="Kty">The key type: <c>RSA</c>, <c>EC</c>, or an unknown one, such as <c>AKP</c> (ML-DSA) or <c>OKP</c> (Ed25519).</param>
/// <param name="Members">The members that are the public key, without <c>kty</c>, ordered by name.</param>
internal sealed record JsonWebKey(string Kid, string Alg, string Kty, IReadOnlyList<(string Name, string Value)> Members)
{
    public const string Rsa = "RSA";
    public const string Ec = "EC";

    /// <summary>Whether the key and its tokens can be verified. A key of an unknown type is published and verifies nothing here.</summary>
    public bool IsKnownType => Kty is Rsa or Ec;

    /// <summary>The SHA-256 JWK thumbprint (RFC 7638), base64url without padding. It names the key whatever its kid.</summary>
    public string Thumbprint
    {
        get
        {
            // Which members an unknown type requires is unknown, so all count; AKP requires its alg, too.
            IEnumerable<(string Name, string Value)> more = Kty == "AKP" ? [("kty", Kty), ("alg", Alg)] : [("kty", Kty)];
            var required = Members.Concat(more).OrderBy(static member => member.Name, StringComparer.Ordinal);
            var json = string.Join(',', required.Select(static member => $"\"{JsonEncodedText.Encode(member.Name)}\":\"{JsonEncodedText.Encode(member.Value)}\""));
            return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{{{json}}}")));
        }
    }

    /// <summary>The key id that kube-apiserver derives: SHA-256 of the SubjectPublicKeyInfo, base64url without padding. Null for an unknown type.</summary>
    public string? KubernetesKeyId => IsKnownType ? Base64Url.EncodeToString(SHA256.HashData(ExportSubjectPublicKeyInfo())) : null;

    /// <summary>The key as DER-encoded SubjectPublicKeyInfo (RFC 5280 §4.1).</summary>
    /// <exception cref="CryptographicException">The members are not a valid key, for example a point that is not on its curve, or the type is unknown.</exception>
    public byte[] ExportSubjectPublicKeyInfo()
    {
        using var key = Import();
        return key.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Whether <paramref name="signature"/> over <paramref name="data"/> was made by this key with <see cref="Alg"/> (RFC 7518 §3); false for an unknown type.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!IsKnownType)
        {
            return false;
        }

        // The rules accept algorithms that end in these digits only.
        var hash = new HashAlgorithmName($"SHA{Alg[^3..]}");
        using var key = Import();
        return key switch
        {
            RSA rsa => rsa.VerifyData(data, signature, hash, Alg.StartsWith("PS", StringComparison.Ordinal) ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
            ECDsa ecdsa => ecdsa.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            _ => false,
        };
    }

    public bool Equals(JsonWebKey? other) =>
        other is not null && (Kid, Alg, Kty) == (other.Kid, other.Alg, other.Kty) && Members.SequenceEqual(other.Members);

    public override int GetHashCode() => HashCode.Combine(Kid, Alg, Kty);

    private AsymmetricAlgorithm Import() => Kty switch
    {
        Rsa => RSA.Create(new RSAParameters { Modulus = Bytes("n"), Exponent = Bytes("e") }),
        Ec => ECDsa.Create(new ECParameters
        {
            Curve = Text("crv") switch
            {
                "P-256" => ECCurve.NamedCurves.nistP256,
                "P-384" => ECCurve.NamedCurves.nistP384,
                "P-521" => ECCurve.NamedCurves.nistP521,
                var curve => throw new CryptographicException($"The curve {curve} is not supported."),
            },
            Q = new ECPoint { X = Bytes("x"), Y = Bytes("y") },
        }),
        _ => throw new CryptographicException($"The key type {Kty} is not supported."),
    };

    private string Text(string name) => Members.First(member => member.Name == name).Value;

    private byte[] Bytes(string name) =>
        JsonWebToken.TryDecode(Text(name), out var bytes) ? bytes : throw new CryptographicException($"The member {name} of the key is not base64url.");
}
