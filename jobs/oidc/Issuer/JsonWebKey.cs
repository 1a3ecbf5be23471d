using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>A public signing key (RFC 7517) that passed the rules. There is no place in it for a private member.</summary>
/// <param name="Kid">The key id that stands in the header of every token it signed.</param>
/// <param name="Alg">The JWS algorithm, such as <c>RS256</c>.</param>
public abstract record JsonWebKey(string Kid, string Alg)
{
    /// <summary>The key type, <c>RSA</c> or <c>EC</c>.</summary>
    public abstract string Kty { get; }

    /// <summary>The members of the public key in the order of RFC 7638 §3.2 (lexicographic), <c>kty</c> among them.</summary>
    public abstract IReadOnlyList<KeyValuePair<string, string>> RequiredMembers { get; }

    /// <summary>The SHA-256 JWK thumbprint (RFC 7638), base64url without padding. It names the key whatever its kid.</summary>
    public string Thumbprint =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(
            "{" + string.Join(",", RequiredMembers.Select(m => $"\"{JsonEncodedText.Encode(m.Key)}\":\"{JsonEncodedText.Encode(m.Value)}\"")) + "}")));

    /// <summary>The key id kube-apiserver derives: SHA-256 of the DER-encoded SubjectPublicKeyInfo, base64url without padding.</summary>
    /// <remarks>Null where it cannot be derived because the key type is not known here.</remarks>
    public virtual string? KubernetesKeyId => Base64Url.EncodeToString(SHA256.HashData(ExportSubjectPublicKeyInfo()));

    /// <summary>The key as DER-encoded SubjectPublicKeyInfo (RFC 5280 §4.1).</summary>
    /// <exception cref="CryptographicException">The members make no key, for example a point that is not on its curve.</exception>
    public abstract byte[] ExportSubjectPublicKeyInfo();

    /// <summary>Writes the members besides <c>kid</c>, <c>use</c>, <c>alg</c> and <c>kty</c> as they are published.</summary>
    public virtual void WriteMembers(Utf8JsonWriter writer)
    {
        foreach (var (name, value) in RequiredMembers.Where(static member => member.Key != "kty"))
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Whether <paramref name="signature"/> over <paramref name="data"/> was made by this key with <see cref="Alg"/> (RFC 7518 §3).</summary>
    public abstract bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <summary>The hash of a JWS algorithm, by the three digits that end its name.</summary>
    private protected static HashAlgorithmName HashOf(string alg) => alg[^3..] switch
    {
        "256" => HashAlgorithmName.SHA256,
        "384" => HashAlgorithmName.SHA384,
        "512" => HashAlgorithmName.SHA512,
        _ => throw new ArgumentException("Not an algorithm of RFC 7518 §3.1 for public keys.", nameof(alg)),
    };
}
