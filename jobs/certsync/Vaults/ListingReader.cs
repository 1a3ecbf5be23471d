using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Turns the SDK's properties into <see cref="VaultCertificate"/>. Of a listing it keeps only the tags that a decision rests on, and equal texts once.</summary>
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
            var certificate = Read(properties, isDeleted, keepsAllTags: false) is { Name.Length: > 0 } named ? named : throw new FormatException("A certificate has no id.");
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

    /// <summary>Reads the properties of a certificate.</summary>
    /// <param name="properties">The properties.</param>
    /// <param name="isDeleted">Whether it is soft-deleted.</param>
    /// <param name="keepsAllTags">False keeps only the tags that a decision rests on: in a listing everybody's count, and may be long.</param>
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
            IsDeleted = isDeleted,
            HasMoreTags = tags.Count < properties.Tags.Count,
        };
    }

    // What is no SHA-1 is as good as none: it is computed from the certificate itself when it is needed.
    private static string ThumbprintOf(byte[]? x5t) => x5t is { Length: SHA1.HashSizeInBytes } ? Convert.ToHexStringLower(x5t) : "";

    private string Intern(string text)
    {
        if (texts.TryGetValue(text, out var known))
        {
            return known;
        }

        texts[text] = text;
        return text;
    }
}
