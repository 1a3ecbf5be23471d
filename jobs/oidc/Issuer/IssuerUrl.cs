namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules for issuer URLs, and how two that should be equal differ.</summary>
internal static class IssuerUrl
{
    /// <summary>The path of the discovery document below an issuer (OpenID Connect Discovery 1.0 §4) and on the API server.</summary>
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    /// <summary>The path of the key set on the API server, and below the issuer in what is published.</summary>
    public const string JwksPath = "/openid/v1/jwks";

    /// <summary>The path of the publisher's state file below the issuer.</summary>
    public const string StatePath = JwksPath + "-state.json";

    /// <summary>Suffixes of names that nodes and Services of a cluster have by themselves.</summary>
    private static readonly string[] ClusterSuffixes = ["svc", "local", "localhost", "localdomain", "internal", "lan", "home.arpa"];

    /// <summary>Top-level names that the public DNS never answers (RFC 6761, RFC 6762, RFC 8375, ICANN), or that private networks use.</summary>
    private static readonly string[] PrivateSuffixes =
        [.. ClusterSuffixes, "intranet", "private", "home", "corp", "mail", "in-addr.arpa", "ip6.arpa", "test", "example", "invalid", "onion", "alt"];

    /// <summary>
    /// Why this cannot be the issuer of a published site, as the end of a sentence whose subject is the issuer; null when it can.
    /// OpenID Connect Discovery 1.0 §3 requires https without query and fragment; the path becomes folders of a repository, so only
    /// unreserved characters (RFC 3986 §2.3) are allowed.
    /// </summary>
    public static string? FaultOf(string issuer)
    {
        var isUrl = Uri.TryCreate(issuer, UriKind.Absolute, out var uri) && issuer.StartsWith("https://", StringComparison.Ordinal);
        return issuer switch
        {
            "" => "is empty",
            _ when !isUrl => "is not an https:// URL",
            _ when issuer.Contains('?') => "has a query, which an issuer must not have",
            _ when issuer.Contains('#') => "has a fragment, which an issuer must not have",
            _ when issuer.Contains('@') => "contains a user name",
            _ when uri!.Host.Length == 0 || issuer.Any(c => c is <= ' ' or > '~') => "contains a character that is not allowed in a URL",
            _ when uri.Host.EndsWith('.') => "has a host that ends in a dot",
            _ when PathOf(issuer) is { Length: > 0 } path => path.Split('/').Select(SegmentFault).FirstOrDefault(fault => fault is not null),
            _ => null,
        };
    }

    /// <summary>The path of an issuer without its leading and its one trailing slash, as written (nothing is decoded or resolved).</summary>
    public static string PathOf(string issuer)
    {
        var slash = issuer.IndexOf('/', "https://".Length);
        var path = slash < 0 ? "" : issuer[(slash + 1)..];
        return path.EndsWith('/') ? path[..^1] : path;
    }

    /// <summary>Appends a path to an issuer as in OpenID Connect Discovery 1.0 §4: a trailing slash is removed first.</summary>
    public static string Append(string issuer, string path) => (issuer.EndsWith('/') ? issuer[..^1] : issuer) + path;

    /// <summary>Whether no public DNS answers for a host: a name without a dot, or under a private suffix. IP addresses are not names.</summary>
    public static bool IsPrivateName(string host) => IsShortOrBelow(host, PrivateSuffixes);

    /// <summary>Whether a host is taken for the API server itself by its name alone. Fewer than the private names: an organization may serve keys at keys.corp.</summary>
    public static bool IsClusterName(string host) => IsShortOrBelow(host, ClusterSuffixes);

    private static bool IsShortOrBelow(string host, string[] suffixes)
    {
        var name = host.TrimEnd('.');
        return !name.Contains('.') || suffixes.Any(suffix => $".{name}".EndsWith($".{suffix}", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Describes in one clause how <paramref name="actual"/> differs from <paramref name="expected"/>, pointing at the character.</summary>
    public static string Difference(string expected, string actual)
    {
        var at = expected.AsSpan().CommonPrefixLength(actual);
        return actual switch
        {
            _ when actual == expected + "/" => "the only difference is a trailing slash, and clouds compare issuers to the character",
            _ when expected == actual + "/" => "the only difference is a missing trailing slash, and clouds compare issuers to the character",
            _ when WithoutPort(expected) == WithoutPort(actual) => "the only difference is the port :443, and clouds compare issuers to the character",
            _ => $"they differ at character {at + 1}: expected '{Rest(expected, at)}', found '{Rest(actual, at)}'",
        };
    }

    /// <summary>The URL without the default port of https.</summary>
    private static string WithoutPort(string url)
    {
        var end = url.IndexOf('/', Math.Min(url.Length, "https://".Length));
        var authority = end < 0 ? url : url[..end];
        return authority.EndsWith(":443", StringComparison.Ordinal) ? authority[..^4] + (end < 0 ? "" : url[end..]) : url;
    }

    private static string Rest(string text, int at) =>
        at == text.Length ? "(end)" : Sanitizer.Sanitize(text.Substring(at, Math.Min(12, text.Length - at)));

    private static string? SegmentFault(string segment) => segment switch
    {
        "" => "has an empty path segment (two slashes in a row)",
        "." or ".." => "has the path segment '" + segment + "'",
        ".nojekyll" => "has the path segment '.nojekyll', which must be a file of the site",
        _ when segment.StartsWith(".git", StringComparison.OrdinalIgnoreCase) || segment.StartsWith("git~", StringComparison.OrdinalIgnoreCase)
            => $"has the path segment '{Sanitizer.Sanitize(segment)}', which Git reserves",
        _ when segment.EndsWith('.') => $"has the path segment '{Sanitizer.Sanitize(segment)}', which ends in a dot",
        _ when segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~') => null,
        _ => $"has the path segment '{Sanitizer.Sanitize(segment)}'; only letters, digits and - . _ ~ are allowed",
    };
}
