using System.Buffers.Text;
using Azure.Security.KeyVault.Certificates;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Converts the SDK's types to <see cref="VaultCertificate"/>.</summary>
internal static class CertificateReader
{
    /// <summary>Reads a whole certificate, which supplies what its properties omit.</summary>
    public static VaultCertificate Read(string vault, KeyVaultCertificate certificate)
    {
        var read = Read(vault, certificate.Properties, isDeleted: false, keepsAllTags: true);
        if (certificate.Cer is not { Length: > 0 } der || (read.Thumbprint.Length > 0 && read.NotBefore is not null))
        {
            return read;
        }

        using var leaf = X509CertificateLoader.LoadCertificate(der);
        return read with
        {
            Thumbprint = Convert.ToHexStringLower(leaf.GetCertHash()),
            NotBefore = leaf.NotBefore.ToUniversalTime(),
            NotAfter = leaf.NotAfter.ToUniversalTime(),
        };
    }

    /// <param name="keepsAllTags">False keeps only the tags that a decision needs, and interns their keys and common values, to save memory in a listing.</param>
    public static VaultCertificate Read(string vault, CertificateProperties properties, bool isDeleted, bool keepsAllTags)
    {
        var tags = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in properties.Tags)
        {
            if (value is null)
            {
                throw new FormatException("A tag has no value.");
            }

            if (keepsAllTags)
            {
                tags[key] = value;
            }
            else if (VaultTags.IsRead(key) && value.Length <= Ownership.MaximumTagLength)
            {
                tags[string.Intern(key)] = key is Ownership.ManagedByTag or Ownership.ClusterTag or Ownership.VersionTag ? string.Intern(value) : value;
            }
        }

        return new VaultCertificate(vault, properties.Name, ThumbprintOf(properties.X509Thumbprint))
        {
            Tags = tags.ToImmutable(),
            Enabled = properties.Enabled ?? true,
            NotBefore = properties.NotBefore,
            NotAfter = properties.ExpiresOn,
            CreatedOn = properties.CreatedOn,
            IsDeleted = isDeleted,
            MoreTags = properties.Tags.Count - tags.Count,
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
}
