using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>What Key Vault asks of names, tags and certificates.</summary>
internal static partial class ImportRules
{
    /// <summary>A secret's value may have 25 KB, and a certificate's is kept as one.</summary>
    public const int MaximumValueLength = 25 * 1024;

    private const int MaximumTags = 15;
    private const int MaximumTagLength = 256;
    private const int MaximumSubjectLength = 200;

    public static void CheckName(string name)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw VaultErrors.InvalidName(name);
        }
    }

    public static void CheckTags(IReadOnlyDictionary<string, string> tags)
    {
        if (tags.Count > MaximumTags)
        {
            throw VaultErrors.InvalidProperty("tags", $"At most {MaximumTags} tags are allowed.");
        }

        if (tags.Any(static tag => tag.Key.Length is 0 or > MaximumTagLength || tag.Value.Length > MaximumTagLength))
        {
            throw VaultErrors.InvalidProperty("tags", $"Names and values of tags have at most {MaximumTagLength} characters.");
        }
    }

    /// <summary>Opens what an import sends and holds it against the rules.</summary>
    /// <exception cref="VaultErrorException">The first rule it breaks.</exception>
    public static CertificateContent Open(ImportRequest request, DateTimeOffset now)
    {
        if (request.Value.Length > MaximumValueLength)
        {
            throw VaultErrors.TooLong();
        }

        var content = request.Policy.ContentType switch
        {
            StoredPolicy.Pem => PemFile.Read(request.Value),
            StoredPolicy.Pfx when request.Value.StartsWith("-----BEGIN", StringComparison.Ordinal) => throw VaultErrors.NoPrivateKey(),
            StoredPolicy.Pfx when Base64.IsValid(request.Value) => PfxFile.Read(Convert.FromBase64String(request.Value), request.Password),
            StoredPolicy.Pfx => throw VaultErrors.UnreadablePfx(),
            _ => throw VaultErrors.InvalidProperty("policy.secret_props.contentType"),
        };
        CheckKey(content.Leaf);
        if (content.Leaf.Subject.Length > MaximumSubjectLength)
        {
            throw VaultErrors.UnsupportedProperties();
        }

        if (content.Leaf.NotAfter.ToUniversalTime() < now.UtcDateTime)
        {
            throw VaultErrors.Expired();
        }

        return content;
    }

    private static void CheckKey(X509Certificate2 leaf)
    {
        using var rsa = leaf.GetRSAPublicKey();
        if (rsa is not null)
        {
            // An RSA leaf signed by an EC authority trips the real service, which then asks for an EC key's size.
            if (leaf.SignatureAlgorithm.Value?.StartsWith("1.2.840.10045.", StringComparison.Ordinal) == true)
            {
                throw VaultErrors.KeySize(rsa.KeySize, "256, 384, 521");
            }

            if (rsa.KeySize is not (2048 or 3072 or 4096))
            {
                throw VaultErrors.KeySize(rsa.KeySize, "2048, 3072, 4096");
            }

            return;
        }

        using var ec = leaf.GetECDsaPublicKey();
        if (KeyCurve.NameOf(ec) is null)
        {
            throw VaultErrors.UnsupportedProperties();
        }

        var usages = leaf.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages ?? X509KeyUsageFlags.None;
        if (usages.HasFlag(X509KeyUsageFlags.KeyEncipherment))
        {
            throw VaultErrors.WrapKey();
        }
    }

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}\\z")]
    private static partial Regex NamePattern();
}
