using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Site;

/// <summary>Issuers that no repository can serve, because the cluster's provider or the API server serves them.</summary>
internal static class ProviderIssuers
{
    // Hosts at which a provider, or its installer, serves the documents. A suffix begins with a dot.
    private static readonly (string Host, string Provider)[] Providers =
    [
        (".prod-aks.azure.com", "AKS"), (".prod-aks.azure.cn", "AKS"), (".prod-aks.azure.us", "AKS"),
        ("container.googleapis.com", "GKE"), ("gkehub.googleapis.com", "GKE"),
        (".openshiftapps.com", "Red Hat OpenShift Service on AWS"),
        ("storage.googleapis.com", "a bucket of Google Cloud Storage, as kOps and OpenShift make"),
        (".blob.core.windows.net", "an Azure storage account, as OpenShift makes"), (".web.core.windows.net", "an Azure storage account"),
        (".cloudfront.net", "a CloudFront distribution, as kOps and OpenShift make"),
    ];

    /// <exception cref="JobException">The issuer cannot be served from a repository (exit code 2).</exception>
    /// <param name="siteUrl">The configured URL of the repository's root; it takes precedence over a certificate's names.</param>
    public static void RequireServable(CheckedIssuer issuer, string? siteUrl)
    {
        var url = new Uri(issuer.Issuer);
        if (ProviderOf(url.IdnHost) is { } provider)
        {
            throw new JobException(
                $"The issuer '{Sanitizer.Sanitize(issuer.Issuer)}' is served by {provider} already, so there is nothing to publish: use 'oidc trust' to make a cloud trust it, and 'oidc verify' to check it.",
                ExitCode.Usage);
        }

        if (siteUrl is null && (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out _) || issuer.ApiServerHosts.Contains(url.IdnHost, StringComparer.OrdinalIgnoreCase)))
        {
            throw new JobException(
                $"The issuer '{Sanitizer.Sanitize(issuer.Issuer)}' is the API server's own address (as Talos and kOps set it by default), which no repository serves: start every API server with "
                + "--service-account-issuer=https://OWNER.github.io/REPO first and --service-account-jwks-uri=https://OWNER.github.io/REPO/openid/v1/jwks; "
                + "where the API server is public and answers without credentials, use 'oidc trust' instead.",
                ExitCode.Usage);
        }
    }

    private static string? ProviderOf(string host)
    {
        if (IsAmazon(host) && (host.StartsWith("oidc.eks.", StringComparison.OrdinalIgnoreCase) || host.StartsWith("oidc-eks.", StringComparison.OrdinalIgnoreCase)))
        {
            return "EKS";
        }

        if (IsAmazon(host) && host.Split('.').Any(static label => label.Equals("s3", StringComparison.OrdinalIgnoreCase) || label.StartsWith("s3-", StringComparison.OrdinalIgnoreCase)))
        {
            return "an S3 bucket, as kOps and OpenShift make";
        }

        return Providers.FirstOrDefault(known => known.Host[0] == '.'
            ? host.EndsWith(known.Host, StringComparison.OrdinalIgnoreCase)
            : host.Equals(known.Host, StringComparison.OrdinalIgnoreCase)).Provider;
    }

    private static bool IsAmazon(string host) =>
        host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".api.aws", StringComparison.OrdinalIgnoreCase);
}
