namespace ClusterTrust.Oidc.Trust;

/// <summary>The trust to set up on a cloud's side: ServiceAccounts of one issuer that sign in as one identity there.</summary>
/// <param name="subjects">The ServiceAccounts, at least one. Order and repetition do not matter.</param>
/// <param name="audience">The configured audience; null for the cloud's default.</param>
internal sealed class TrustRequest(Cloud cloud, string issuer, IEnumerable<ServiceAccountSubject> subjects, string? audience = null)
{
    private const int CredentialNameLimit = 120; // Azure: 3 to 120 characters
    private const int IdentityNameLimit = 64; // an AWS role: 1 to 64 characters; an Azure identity may have 128

    public Cloud Cloud => cloud;

    /// <summary>The cloud as the setting names it.</summary>
    public string CloudName => JsonNamingPolicy.KebabCaseLower.ConvertName(cloud.ToString());

    public string Issuer => issuer;

    /// <summary>The trusted ServiceAccounts, sorted, each once.</summary>
    public IReadOnlyList<ServiceAccountSubject> Subjects { get; } = [.. subjects.Distinct().OrderBy(static subject => subject.ToString(), StringComparer.Ordinal)];

    public string? Audience => audience;

    /// <summary>The audience that the pod must request; null for Google Cloud's default, which names the provider and with it the project.</summary>
    public string? EffectiveAudience => Audience ?? Cloud switch
    {
        Cloud.Azure => "api://AzureADTokenExchange",
        Cloud.Aws => "sts.amazonaws.com",
        _ => null,
    };

    /// <summary>The issuer without its scheme, as AWS names providers and condition keys.</summary>
    public string IssuerWithoutScheme => Issuer["https://".Length..];

    /// <summary>The managed identity or role: one for each issuer and set of ServiceAccounts.</summary>
    public string IdentityName => Named(
        Subjects is [var only] ? Readable(only) : $"{Subjects.Count}-serviceaccounts",
        IdentityNameLimit,
        [Issuer, .. Subjects.Select(subject => subject.ToString())]);

    /// <summary>The pool and the provider in Google Cloud, one of each for an issuer: 29 lower-case letters, digits and hyphens.</summary>
    public string ProviderId => Named("clustertrust", 32, [Issuer]);

    /// <summary>The federated credential in Azure of one ServiceAccount of this issuer.</summary>
    public string CredentialName(ServiceAccountSubject subject) => Named(Readable(subject), CredentialNameLimit, [Issuer, subject.ToString()]);

    private static string Readable(ServiceAccountSubject subject) => $"{subject.Namespace}-{subject.Name}".Replace('.', '-');

    /// <summary>
    /// A readable beginning and 64 bits of a hash of what the name identifies. The beginning alone would be the same for
    /// <c>a:b-c</c> and <c>a-b:c</c>, for two clusters, and for two names cut at the same place.
    /// </summary>
    private static string Named(string readable, int longest, IReadOnlyList<string> parts)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..16];
        var available = longest - hash.Length - 1;
        return $"{(readable.Length <= available ? readable : readable[..available].TrimEnd('-'))}-{hash}";
    }
}

/// <summary>The clouds that accept ServiceAccount tokens of a published issuer.</summary>
public enum Cloud
{
    /// <summary>Microsoft Entra ID: a federated credential on a managed identity.</summary>
    Azure,

    /// <summary>AWS IAM: an OIDC provider and a role assumed with web identity.</summary>
    Aws,

    /// <summary>Google Cloud IAM: a workload identity pool with an OIDC provider.</summary>
    Gcp,
}

/// <summary>A ServiceAccount as tokens name it in <c>sub</c>: <c>system:serviceaccount:NAMESPACE:NAME</c>.</summary>
internal sealed record ServiceAccountSubject(string Namespace, string Name)
{
    public override string ToString() => $"system:serviceaccount:{Namespace}:{Name}";

    /// <returns>Null if it has another form, or its parts are not names of Kubernetes.</returns>
    public static ServiceAccountSubject? Parse(string text) =>
        text.Split(':') is ["system", "serviceaccount", var ns, var name] && KubernetesName.IsNamespace(ns) && KubernetesName.IsSubdomain(name)
            ? new ServiceAccountSubject(ns, name)
            : null;
}

/// <summary>The form in which a trust is printed.</summary>
internal enum TrustFormat { Commands, Tofu, Json }
