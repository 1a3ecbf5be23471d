using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Makes names Key Vault can hold: 1 to 127 of <c>0-9 a-z A-Z -</c> (Key Vault, object identifiers). The mapping depends on
/// the name alone, so it is stable: <c>*</c> becomes <c>wildcard</c>, every other character that is not allowed becomes <c>-</c>,
/// and a name that is too long is cut and ends with the first 8 hexadecimal digits of the SHA-256 of the whole name.
/// The way back is the tag <see cref="Ownership.SourceNameTag"/>.
/// </summary>
/// <param name="Template">Text with the placeholders <c>{name}</c>, <c>{namespace}</c> and <c>{cluster}</c>.</param>
/// <param name="Cluster">What <c>{cluster}</c> stands for.</param>
public sealed record VaultNames(string Template, string Cluster)
{
    /// <summary>The certificate's own name.</summary>
    public const string NameOnly = "{name}";

    /// <summary>The longest name Key Vault takes.</summary>
    public const int MaximumLength = 127;

    private const int DigestLength = 8;
    private static readonly string[] Placeholders = ["{namespace}", "{name}", "{cluster}"];

    /// <summary>Fills in the template; the result may still hold what Key Vault cannot.</summary>
    public string Derive(string @namespace, string certificateName) => Template
        .Replace("{namespace}", @namespace, StringComparison.Ordinal)
        .Replace("{name}", certificateName, StringComparison.Ordinal)
        .Replace("{cluster}", Cluster, StringComparison.Ordinal);

    /// <summary>The name in the vault for <paramref name="name"/>; equal to it when Key Vault can hold it as it is.</summary>
    public static string Map(string name)
    {
        var mapped = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            if (character == '*')
            {
                mapped.Append("wildcard");
            }
            else
            {
                mapped.Append(char.IsAsciiLetterOrDigit(character) ? character : '-');
            }
        }

        if (mapped.Length <= MaximumLength)
        {
            return mapped.ToString();
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{mapped.ToString(0, MaximumLength - DigestLength - 1)}-{digest[..DigestLength]}");
    }

    /// <summary>What is wrong with a template, or null: it must tell certificates apart and hold no unknown placeholder.</summary>
    public static string? Fault(string template)
    {
        if (!template.Contains(NameOnly, StringComparison.Ordinal))
        {
            return $"the name template '{template}' has no {NameOnly}: all certificates would get one name";
        }

        var rest = Placeholders.Aggregate(template, (text, known) => text.Replace(known, "", StringComparison.Ordinal));
        return rest.AsSpan().IndexOfAny('{', '}') < 0
            ? null
            : $"the name template '{template}' has an unknown placeholder: only {{name}}, {{namespace}} and {{cluster}} are known";
    }
}
