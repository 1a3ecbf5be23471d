namespace ClusterTrust.Oidc.Site;

/// <summary>Issuers that no repository can serve, because the cluster's provider or the API server serves them.</summary>
internal static class ProviderIssuers
{
    /// <summary>Domains at which a provider, or its installer, serves the documents; the first that matches counts.</summary>
    private static readonly (string Domain, string Provider)[] Providers =
    [
        ("prod-aks.azure.com", "AKS"), ("prod-aks.azure.cn", "AKS"), ("prod-aks.azure.us", "AKS"),
        ("openshiftapps.com", "Red Hat OpenShift Service on AWS"),
        ("storage.googleapis.com", "a bucket of Google Cloud Storage, as kOps and OpenShift make"), ("googleapis.com", "GKE"),
        ("blob.core.windows.net", "an Azure storage account, as OpenShift makes"), ("web.core.windows.net", "an Azure storage account"),
        ("cloudfront.net", "a CloudFront distribution, as kOps and OpenShift make"),
    ];

    private static readonly string[] Amazon = ["amazonaws.com", "amazonaws.com.cn", "api.aws"];

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

    /// <param name="host">In lower case.</param>
    private static string? ProviderOf(string host) =>
        !Amazon.Any(domain => IsIn(host, domain)) ? Providers.FirstOrDefault(known => IsIn(host, known.Domain)).Provider
        : host.Split('.') is ["oidc", "eks", ..] or ["oidc-eks", ..] ? "EKS"
        : host.Split('.').Any(static label => label == "s3" || label.StartsWith("s3-", StringComparison.Ordinal)) ? "an S3 bucket, as kOps and OpenShift make"
        : null;

    private static bool IsIn(string host, string domain) => $".{host}".EndsWith($".{domain}", StringComparison.Ordinal);
}
