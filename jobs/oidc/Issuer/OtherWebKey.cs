using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// A public key of a type that this job cannot check, such as ML-DSA (<c>kty</c> AKP) or Ed25519 (<c>kty</c> OKP). It is published as it
/// is; no token is ever verified with it here.
/// </summary>
/// <param name="Alg">The member <c>alg</c>, or an empty string where the key has none.</param>
/// <param name="Members">The other members as one compact JSON object, ordered by name, so that equal keys have equal texts.</param>
internal sealed record OtherWebKey(string Kid, string Alg, string KeyType, string Members) : JsonWebKey(Kid, Alg)
{
    private const int MaxMembers = 32;

    // Not part of the key itself (RFC 7517 §4): the thumbprint is the same with and without them.
    private static readonly HashSet<string> Descriptive = ["kid", "use", "key_ops", "x5u", "x5c", "x5t", "x5t#S256"];

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override string Kty => KeyType;

    /// <remarks>Which members a type requires is unknown, so all that are not merely descriptive count; <c>alg</c> for AKP only, which requires it.</remarks>
    public override IReadOnlyList<KeyValuePair<string, string>> RequiredMembers
    {
        get
        {
            using var members = JsonDocument.Parse(Members);
            List<KeyValuePair<string, string>> required =
            [
                new("kty", KeyType),
                .. members.RootElement.EnumerateObject()
                    .Where(static member => !Descriptive.Contains(member.Name) && member.Value.ValueKind == JsonValueKind.String)
                    .Select(static member => KeyValuePair.Create(member.Name, member.Value.GetString()!)),
            ];
            if (KeyType == "AKP")
            {
                required.Add(new("alg", Alg));
            }

            return [.. required.OrderBy(static member => member.Key, StringComparer.Ordinal)];
        }
    }

    public override string? KubernetesKeyId => null;

    /// <summary>Reads a key of an unknown type, or says what is wrong with it as the end of a sentence whose subject is the key.</summary>
    /// <remarks>The caller has refused private members already (<see cref="PrivateMembers"/>).</remarks>
    public static (JsonWebKey? Key, string? Fault) Read(string kid, string alg, string kty, JsonElement jwk)
    {
        if (kty.Length == 0 || kty.Any(static c => c is <= ' ' or > '~'))
        {
            return (null, "has no kty of printable ASCII characters");
        }

        var members = jwk.EnumerateObject().Where(static member => member.Name is not ("kid" or "kty" or "alg" or "use")).ToArray();
        if (members.Length is 0 or > MaxMembers)
        {
            return (null, $"has the kty '{Sanitizer.Sanitize(kty)}' and {members.Length} other members; 1 to {MaxMembers} are allowed");
        }

        // Nested values cannot be checked without knowing the type.
        if (members.Where(static member => !IsPlain(member.Value)).Select(static member => member.Name).FirstOrDefault() is { } nested)
        {
            return (null, $"has the unknown kty '{Sanitizer.Sanitize(kty)}' and the member '{Sanitizer.Sanitize(nested)}', which is neither a string nor a list of strings");
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            foreach (var member in members.OrderBy(static member => member.Name, StringComparer.Ordinal))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return (new OtherWebKey(kid, alg, kty, Encoding.UTF8.GetString(buffer.WrittenSpan)), null);
    }

    public override void WriteMembers(Utf8JsonWriter writer)
    {
        using var members = JsonDocument.Parse(Members);
        foreach (var member in members.RootElement.EnumerateObject())
        {
            member.WriteTo(writer);
        }
    }

    /// <returns>False: the signature cannot be checked.</returns>
    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => false;

    private protected override AsymmetricAlgorithm Import() => throw new CryptographicException($"The key type {KeyType} is not supported.");

    private static bool IsPlain(JsonElement value) => value.ValueKind == JsonValueKind.String
        || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String));
}
