using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Converts the SDK's properties to <see cref="VaultCertificate"/>. Of a listing it keeps only the tags that a decision needs, and equal texts once.</summary>
internal sealed class ListingReader(string alias)
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly ListingBudget _budget = new();

    /// <summary>Reads a page of a listing.</summary>
    /// <returns>Why there must not be another page, a clause to follow "the list of certificates"; null if there may.</returns>
    public string? Read(IEnumerable<CertificateProperties> page, bool isDeleted, ICollection<VaultCertificate> found)
    {
        foreach (var properties in page)
        {
            // The SDK derives the name from the id.
            var certificate = Read(properties, isDeleted, keepsAllTags: false) is { Name.Length: > 0 } named ? named : throw new FormatException("A certificate has no id.");
            if (_names.Add(certificate.Name))
            {
                _budget.Add(certificate.Name.Length + certificate.Tags.Sum(static tag => tag.Key.Length + tag.Value.Length));
                found.Add(certificate);
            }
        }

        return _budget.EndPage();
    }

    /// <summary>Reads a whole certificate, which supplies what its properties omit.</summary>
    public VaultCertificate Read(KeyVaultCertificate certificate)
    {
        var read = Read(certificate.Properties, isDeleted: false, keepsAllTags: true);
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

    /// <param name="keepsAllTags">False keeps only the tags that a decision needs: those of a whole listing would need much memory.</param>
    public VaultCertificate Read(CertificateProperties properties, bool isDeleted, bool keepsAllTags)
    {
        var tags = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in properties.Tags)
        {
            if (value is null)
            {
                throw new FormatException("A tag has no text.");
            }

            if (keepsAllTags || (VaultTags.IsRead(key) && value.Length <= Ownership.MaximumTagLength))
            {
                tags[Intern(key)] = key is Ownership.ManagedByTag or Ownership.ClusterTag or Ownership.VersionTag ? Intern(value) : value;
            }
        }

        return new VaultCertificate(alias, properties.Name, ThumbprintOf(properties.X509Thumbprint))
        {
            Tags = tags.ToImmutable(),
            Enabled = properties.Enabled ?? true,
            NotBefore = properties.NotBefore,
            NotAfter = properties.ExpiresOn,
            CreatedOn = properties.CreatedOn,
            IsDeleted = isDeleted,
            HasMoreTags = tags.Count < properties.Tags.Count,
        };
    }

    // Anything but a SHA-1 counts as missing: if it is needed, it is computed from the certificate itself. Emulators write it in
    // hexadecimal, which the SDK takes for base64url.
    private static string ThumbprintOf(byte[]? x5t) => x5t switch
    {
        { Length: SHA1.HashSizeInBytes } => Convert.ToHexStringLower(x5t),
        { Length: 2 * SHA1.HashSizeInBytes * 3 / 4 } when Base64Url.EncodeToString(x5t) is var text && text.All(char.IsAsciiHexDigit) => text.ToLowerInvariant(),
        _ => "",
    };

    private string Intern(string text)
    {
        if (!_texts.TryGetValue(text, out var known))
        {
            _texts[text] = known = text;
        }

        return known;
    }
}
