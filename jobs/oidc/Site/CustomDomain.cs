using System.Text;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>The custom domain of a Pages site: the file <c>CNAME</c> at the repository's root moves the whole site to the host it names.</summary>
internal static class CustomDomain
{
    private const int MostRead = 1024;

    /// <summary>A sentence when the file moves the site to another host than the issuer's, else null.</summary>
    public static string? WarningOf(PublishedSite site, SiteLayout layout)
    {
        var issuerHost = new Uri(layout.Issuer).IdnHost;
        if (site.Obstacles.TryGetValue(SiteLayout.CustomDomainPath, out var obstacle))
        {
            return $"The path {SiteLayout.CustomDomainPath} in the repository is {obstacle}, so it cannot be seen which host serves the site: replace it with a file that says {issuerHost}, or remove it.";
        }

        if (site.Find(SiteLayout.CustomDomainPath) is not { } content)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(content.Span[..Math.Min(content.Length, MostRead)]);
        var host = text.Split('\n').Select(static line => line.Trim()).FirstOrDefault(static line => line.Length > 0);
        return host is null || host.Equals(issuerHost, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"The file {SiteLayout.CustomDomainPath} in the repository moves the site to '{Shown.Of(host)}', so {issuerHost} redirects there, which clouds do not follow: remove the file "
                + "(Pages settings, custom domain), or make that host the issuer.";
    }
}
