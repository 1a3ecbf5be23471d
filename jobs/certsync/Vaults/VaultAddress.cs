namespace ClusterTrust.CertSync.Vaults;

/// <param name="Alias">Its name in annotations and reports.</param>
public sealed partial record VaultAddress(string Alias, Uri Address)
{
    private const string PublicSuffix = "vault.azure.net";

    /// <summary>The sovereign clouds (Azure.Identity's AzureAuthorityHosts; Key Vault, object identifiers).</summary>
    private static readonly (string Authority, string Suffix)[] Clouds =
    [
        ("login.chinacloudapi.cn", "vault.azure.cn"),
        ("login.partner.microsoftonline.cn", "vault.azure.cn"),
        ("login.microsoftonline.us", "vault.usgovcloudapi.net"),
    ];

    /// <summary>Reads <c>NAME</c>, <c>https://HOST[:PORT]</c>, or either after <c>ALIAS=</c>; the default alias is the first label of the host name.</summary>
    /// <param name="authorityHost">The authority, which determines the domain of the cloud's vaults; null for the public cloud.</param>
    public static Parsed<VaultAddress> Parse(string text, Uri? authorityHost)
    {
        var separator = text.IndexOf('=', StringComparison.Ordinal);
        var alias = separator >= 0 ? text[..separator].Trim() : "";
        var location = text[(separator + 1)..].Trim();
        if (separator >= 0 && !AliasForm().IsMatch(alias))
        {
            return Parsed.Fault<VaultAddress>($"the alias '{alias}' of '{text}' must have 1 to 63 letters, digits, dots, hyphens or underscores");
        }

        if (!location.Contains("://", StringComparison.Ordinal))
        {
            return NameForm().IsMatch(location)
                ? Parsed.Value(new VaultAddress(alias.Length > 0 ? alias : location, new Uri($"https://{location}.{SuffixFor(authorityHost)}/")))
                : Parsed.Fault<VaultAddress>($"'{location}' is not a valid vault name: it must have 3 to 24 letters, digits or single hyphens, begin with a letter and not end with a hyphen; or use the vault's address, https://NAME.{SuffixFor(authorityHost)}");
        }

        return Uri.TryCreate(location, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && Ascii.IsValid(address.Host)
            && address is { PathAndQuery: "/", Fragment: "", UserInfo: "" }
            ? Parsed.Value(new VaultAddress(alias.Length > 0 ? alias : address.Host.Split('.')[0], address))
            : Parsed.Fault<VaultAddress>($"'{location}' is not a valid vault address: it must be https://HOST[:PORT] in ASCII, without a path");
    }

    private static string SuffixFor(Uri? authorityHost) => Clouds
        .Where(cloud => string.Equals(cloud.Authority, authorityHost?.Host, StringComparison.OrdinalIgnoreCase))
        .Select(cloud => cloud.Suffix)
        .FirstOrDefault(PublicSuffix);

    public override string ToString() => Alias == Address.Host.Split('.')[0] ? Alias : $"{Alias} ({Address.Authority})";

    [GeneratedRegex("^(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();

    [GeneratedRegex("^[a-zA-Z0-9._-]{1,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex AliasForm();
}
