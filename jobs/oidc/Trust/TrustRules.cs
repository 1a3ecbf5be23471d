namespace ClusterTrust.Oidc.Trust;

/// <summary>What clouds refuse in a trust, checked before a command fails halfway.</summary>
internal static class TrustRules
{
    /// <summary>Federated credentials that one managed identity can hold (Azure, not adjustable).</summary>
    private const int AzureCredentialLimit = 20;

    /// <summary>Bytes of <c>google.subject</c>, to which <c>sub</c> is mapped.</summary>
    private const int GoogleSubjectLimit = 127;

    /// <summary>Characters of a provider URL and of a client id in AWS IAM; the other clouds allow more.</summary>
    private const int AwsTextLimit = 255;

    /// <summary>Characters of the issuer of a federated credential in Azure.</summary>
    private const int AzureIssuerLimit = 600;

    /// <summary>Characters of a role's trust policy in AWS IAM without white space, unless the quota is raised.</summary>
    private const int AwsPolicyQuota = 2048;

    /// <summary>Why a cloud cannot trust this issuer, as the end of a sentence whose subject is the issuer; null when it can.</summary>
    public static string? IssuerFault(Cloud cloud, string issuer)
    {
        if (IssuerUrl.FaultOf(issuer) is { } fault)
        {
            return fault;
        }

        var uri = new Uri(issuer);
        var host = uri.Host.TrimEnd('.').ToLowerInvariant();
        return cloud switch
        {
            _ when uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 =>
                $"has the IP address {uri.Host} as its host; no cloud fetches keys from there: publish the issuer at a public host name",
            _ when !host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') => $"has the host '{Sanitizer.Sanitize(uri.Host)}', which is not a DNS name",
            _ when IssuerUrl.IsPrivateName(host) || host.StartsWith("kubernetes.default.", StringComparison.Ordinal) =>
                $"has the host {uri.Host}, a private name that no cloud can reach; publish the issuer at a public host name first",
            Cloud.Aws when issuer["https://".Length..].Split('/')[0].Contains(':') =>
                "has a port, which AWS IAM does not accept; publish the issuer at port 443, without a port in its URL",
            Cloud.Aws when issuer.Length > AwsTextLimit => $"is {issuer.Length} characters and AWS IAM accepts at most {AwsTextLimit}",
            Cloud.Azure when issuer.Length > AzureIssuerLimit => $"is {issuer.Length} characters and Azure accepts at most {AzureIssuerLimit}",
            _ => null,
        };
    }

    /// <summary>Why a cloud cannot trust this ServiceAccount, as the end of a sentence whose subject is the setting; null when it can.</summary>
    public static string? SubjectFault(Cloud cloud, ServiceAccountSubject subject) =>
        cloud == Cloud.Gcp && Encoding.UTF8.GetByteCount(subject.ToString()) is var bytes and > GoogleSubjectLimit
            ? $"contains {subject}, which is {bytes} bytes; Google Cloud accepts a subject of at most {GoogleSubjectLimit}, so use a shorter namespace or name"
            : null;

    /// <summary>Why this cannot be the audience, as the end of a sentence whose subject is the setting; null when it can.</summary>
    public static string? AudienceFault(string audience)
    {
        // The command lines of the clouds split lists at blanks and commas, and expand what starts with a bracket or an at sign.
        var isPlain = audience.All(c => char.IsAsciiLetterOrDigit(c) || "-._~:/?#@+=&%".Contains(c, StringComparison.Ordinal));
        return isPlain && audience.Length is > 0 and <= AwsTextLimit && char.IsAsciiLetterOrDigit(audience[0])
            ? null
            : $"must be a URI or a name of at most {AwsTextLimit} characters: letters, digits and - . _ ~ : / ? # @ + = & %, with a letter or digit first";
    }

    /// <summary>What the cloud may refuse, one sentence each. Quotas may have been raised, and credentials may exist already.</summary>
    public static IEnumerable<string> WarningsOf(TrustRequest request)
    {
        var count = request.Subjects.Count;
        if (request.Cloud == Cloud.Azure && count >= AzureCredentialLimit)
        {
            yield return $"A managed identity in Azure can have at most {AzureCredentialLimit} federated credentials and this call creates {count}: "
                + "split the subjects into several calls, each of which creates its own identity.";
        }

        if (request.Cloud == Cloud.Aws && AwsTrustPolicy.Write(request, $"arn:aws:iam::123456789012:oidc-provider/{request.IssuerWithoutScheme}").Count(c => !char.IsWhiteSpace(c)) is var length and > AwsPolicyQuota)
        {
            yield return $"The trust policy is {length} characters and AWS accepts {AwsPolicyQuota} unless the quota is raised: "
                + "split the subjects into several calls, each of which creates its own role.";
        }
    }
}
