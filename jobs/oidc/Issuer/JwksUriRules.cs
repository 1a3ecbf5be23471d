using System.Net;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Tells what a <c>jwks_uri</c> means. Whatever it says, what is published says <c>{issuer}/openid/v1/jwks</c>.</summary>
internal static class JwksUriRules
{
    private static readonly string[] InternalSuffixes = [".svc", ".local", ".internal", ".localdomain", ".localhost", ".lan", ".home.arpa"];

    /// <summary>The <c>jwks_uri</c> to publish, or null after a refusal.</summary>
    public static string? Resolve(string jwksUri, string issuer, IReadOnlyCollection<string> apiServerHosts, FindingsCollector findings)
    {
        var published = IssuerUrl.Append(issuer, IssuerDocuments.JwksPath);
        if (jwksUri == published)
        {
            return published;
        }

        if (!Uri.TryCreate(jwksUri, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
        {
            findings.Refuse($"The jwks_uri '{Shown.Of(jwksUri)}' is not an https:// URL: set the API server's --service-account-jwks-uri to {published}.");
            return null;
        }

        if (IsOfTheCluster(uri.IdnHost, apiServerHosts))
        {
            findings.Note($"The API server names its own address in jwks_uri ({Shown.Of(uri)}); what is published says {published}. "
                + "Setting --service-account-jwks-uri to that makes both say the same.");
            return published;
        }

        if (uri.IdnHost.Equals(new Uri(issuer).IdnHost, StringComparison.OrdinalIgnoreCase))
        {
            findings.Warn($"The API server's jwks_uri is {Shown.Of(uri)}; what is published says {published}, because that is where the keys are written.");
            return published;
        }

        findings.Refuse($"The jwks_uri {Shown.Of(uri)} is neither on the issuer's host nor the API server's own address; "
            + $"if nobody serves keys there on purpose, set the API server's --service-account-jwks-uri to {published}.");
        return null;
    }

    /// <summary>
    /// Whether a host can only be the API server itself: an IP address, a name without a dot, a name under a suffix that no public
    /// DNS serves, or a host the API server was reached by.
    /// </summary>
    private static bool IsOfTheCluster(string host, IReadOnlyCollection<string> apiServerHosts) =>
        IPAddress.TryParse(host.Trim('[', ']'), out _)
        || !host.Contains('.')
        || InternalSuffixes.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
        || apiServerHosts.Contains(host, StringComparer.OrdinalIgnoreCase);
}
