using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Turns the SDK's properties into <see cref="VaultCertificate"/>. In a long listing most tags are the same, so their texts are kept once.</summary>
/// <param name="alias">The vault's alias.</param>
internal sealed class ListingReader(string alias)
{
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
    private readonly ListingBudget budget = new();

    /// <summary>Reads a page of a listing.</summary>
    /// <param name="page">The certificates of it that matter.</param>
    /// <param name="isDeleted">Whether they are soft-deleted.</param>
    /// <param name="found">Receives them.</param>
    /// <returns>Why there must not be another page, to follow "the list of certificates"; null when there may.</returns>
    public string? Read(IEnumerable<CertificateProperties> page, bool isDeleted, ICollection<VaultCertificate> found)
    {
        foreach (var properties in page)
        {
            // The SDK takes the name out of the id, and leaves it out where there is none.
            var certificate = Read(properties, isDeleted) is { Name.Length: > 0 } named ? named : throw new FormatException("A certificate has no id.");
            if (names.Add(certificate.Name))
            {
                budget.Add(certificate.Name.Length + certificate.Tags.Sum(static tag => tag.Key.Length + tag.Value.Length));
                found.Add(certificate);
            }
        }

        return budget.EndPage();
    }

    /// <summary>Reads a whole certificate, out of which comes what its properties leave out.</summary>
    public VaultCertificate Read(KeyVaultCertificate certificate)
    {
        var read = Read(certificate.Properties, isDeleted: false);
        if (certificate.Cer is not { Length: > 0 } der || (read.Thumbprint.Length > 0 && read.NotBefore is not null))
        {
            return read;
        }

        using var leaf = X509CertificateLoader.LoadCertificate(der);
        return read with
        {
            Thumbprint = Convert.ToHexStringLower(leaf.GetCertHash()),
            NotBefore = leaf.NotBefore,
            NotAfter = leaf.NotAfter,
        };
    }

    public VaultCertificate Read(CertificateProperties properties, bool isDeleted)
    {
        var tags = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in properties.Tags)
        {
            if (value is null)
            {
                throw new FormatException("A tag has no text.");
            }

            tags[Once(key)] = key is Ownership.ManagedByTag or Ownership.ClusterTag or Ownership.VersionTag ? Once(value) : value;
        }

        return new VaultCertificate(alias, properties.Name, ThumbprintOf(properties.X509Thumbprint))
        {
            Tags = tags.ToImmutable(),
            Enabled = properties.Enabled ?? true,
            NotBefore = properties.NotBefore,
            NotAfter = properties.ExpiresOn,
            IsDeleted = isDeleted,
        };
    }

    // Emulators write the SHA-1 in hexadecimal where Key Vault has base64url, which the SDK takes it for. What is no SHA-1 either way
    // is as good as none, and made up for from the certificate itself.
    private static string ThumbprintOf(byte[]? x5t) => x5t switch
    {
        { Length: SHA1.HashSizeInBytes } => Convert.ToHexStringLower(x5t),
        { Length: SHA1.HashSizeInBytes * 3 / 2 } when Base64Url.EncodeToString(x5t) is var text && text.All(char.IsAsciiHexDigit) => text.ToLowerInvariant(),
        _ => "",
    };

    private string Once(string text)
    {
        if (texts.TryGetValue(text, out var known))
        {
            return known;
        }

        texts[text] = text;
        return text;
    }
}
