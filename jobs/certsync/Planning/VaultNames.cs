using System.Collections.Frozen;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Makes names that Key Vault accepts: 1 to 127 of <c>0-9 a-z A-Z -</c> (Key Vault, object identifiers). A name depends on the template
/// and the certificate alone, so it is stable. The tag <see cref="Ownership.SourceNameTag"/> holds the name before mapping.
/// </summary>
/// <param name="Template">Text with the placeholders <c>{name}</c>, <c>{namespace}</c> and <c>{cluster}</c>.</param>
public sealed partial record VaultNames(string Template, string Cluster)
{
    public const string NameOnly = "{name}";

    /// <summary>The longest name that Key Vault accepts.</summary>
    public const int MaximumLength = 127;

    private const string NamespacePlaceholder = "{namespace}";
    private const int ShortDigest = 8;

    /// <summary>80 bits: tenants choose their names freely, and must not find one with the digest of another's.</summary>
    private const int LongDigest = 20;

    /// <summary>Names at whose paths Key Vault has other resources: <c>/certificates/contacts</c> and <c>/certificates/issuers</c>.</summary>
    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "contacts", "issuers");

    private readonly bool _isSeparated = FindsSeparator(Template, Cluster);

    /// <summary>Whether names contain the namespace, so that no two namespaces ever get the same one.</summary>
    public bool IsPerNamespace => Template.Contains(NamespacePlaceholder, StringComparison.Ordinal);

    /// <summary>Expands the template, in one pass: a name that looks like a placeholder stays as it is. The result may contain characters that Key Vault does not allow.</summary>
    public string Derive(string @namespace, string certificateName) => Placeholder().Replace(Template, placeholder => placeholder.Value switch
    {
        NamespacePlaceholder => @namespace,
        NameOnly => certificateName,
        _ => Cluster,
    });

    /// <summary>
    /// The name in the vault. Without <c>{namespace}</c> in the template it is <see cref="Map"/> of the expanded template, and two
    /// certificates may share it. With it, different pairs of namespace and name never do: each <c>-</c> of the namespace is doubled,
    /// and where the text would still be ambiguous (a name with other characters than <c>a-z 0-9 -</c>, one that is too long, a template
    /// without a <c>-</c> between the two) it ends with a digest of the pair.
    /// </summary>
    public string NameOf(string @namespace, string certificateName)
    {
        if (!IsPerNamespace)
        {
            return Map(Derive(@namespace, certificateName));
        }

        if (_isSeparated && KubernetesName.IsLabel(@namespace) && KubernetesName.IsLabel(certificateName))
        {
            var plain = Replace(Derive(@namespace.Replace("-", "--", StringComparison.Ordinal), certificateName));
            if (plain.Length <= MaximumLength && !DigestAtEnd().IsMatch(plain))
            {
                return plain;
            }
        }

        return WithDigest(Replace(Derive(@namespace, certificateName)), $"{@namespace}/{certificateName}", LongDigest);
    }

    /// <summary>
    /// Maps a name to one that Key Vault accepts; a valid name stays as it is. <c>*</c> becomes <c>wildcard</c>, every other character
    /// that is not allowed becomes <c>-</c>, and a name that is too long is cut and ends with the first 8 hexadecimal digits of the
    /// SHA-256 of the whole name, as does one that no certificate can have.
    /// </summary>
    public static string Map(string name)
    {
        var mapped = Replace(name);
        return mapped.Length <= MaximumLength && !Reserved.Contains(mapped) ? mapped : WithDigest(mapped, name, ShortDigest);
    }

    /// <summary>Whether a template contains <c>{name}</c>, and no unknown placeholder.</summary>
    public static bool IsTemplate(string template) =>
        template.Contains(NameOnly, StringComparison.Ordinal) && Placeholder().Replace(template, "").AsSpan().IndexOfAny('{', '}') < 0;

    /// <summary>
    /// Whether the end of the namespace can be found in a name: <c>{namespace}</c> and <c>{name}</c> occur once each, and between them
    /// is an odd number of <c>-</c> on the namespace's side, which a namespace with doubled hyphens never has.
    /// </summary>
    private static bool FindsSeparator(string template, string cluster)
    {
        var (ns, name) = (template.IndexOf(NamespacePlaceholder, StringComparison.Ordinal), template.IndexOf(NameOnly, StringComparison.Ordinal));
        if (ns < 0 || name < 0 || ns != template.LastIndexOf(NamespacePlaceholder, StringComparison.Ordinal) || name != template.LastIndexOf(NameOnly, StringComparison.Ordinal))
        {
            return false;
        }

        var between = ns < name ? template[(ns + NamespacePlaceholder.Length)..name] : template[(name + NameOnly.Length)..ns];
        var hyphens = Hyphens().Matches(Replace(Placeholder().Replace(between, _ => cluster)));
        return hyphens.Count > 0 && (ns < name ? hyphens[0] : hyphens[^1]).Length % 2 == 1;
    }

    private static string Replace(string name) => NotAllowed().Replace(name, static character => character.Value == "*" ? "wildcard" : "-");

    private static string WithDigest(string mapped, string whole, int digits)
    {
        var longest = MaximumLength - digits - 1;
        return string.Create(CultureInfo.InvariantCulture, $"{(mapped.Length > longest ? mapped[..longest] : mapped)}-{CertificateFacts.Sha256(whole)[..digits]}");
    }

    [GeneratedRegex(@"\{(?:namespace|name|cluster)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex("[^0-9A-Za-z-]", RegexOptions.CultureInvariant)]
    private static partial Regex NotAllowed();

    [GeneratedRegex("-+", RegexOptions.CultureInvariant)]
    private static partial Regex Hyphens();

    [GeneratedRegex("-[0-9a-f]{20}$", RegexOptions.CultureInvariant)]
    private static partial Regex DigestAtEnd();
}
