using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.Oidc.Trust;

/// <summary>The trust to set up on a cloud's side: ServiceAccounts of one issuer that sign in as one identity there.</summary>
public sealed record TrustRequest
{
    private const int CredentialNameLimit = 120; // Azure: 3 to 120 characters
    private const int IdentityNameLimit = 64; // an AWS role: 1 to 64 characters; an Azure identity may have 128

    /// <summary>A trust whose parts <see cref="TrustRules"/> has nothing against.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <param name="issuer">The published issuer, to the character.</param>
    /// <param name="subjects">The ServiceAccounts; at least one. Order and repetition do not matter.</param>
    /// <param name="audience">The audience of their tokens; null for the cloud's default.</param>
    public TrustRequest(Cloud cloud, string issuer, IEnumerable<ServiceAccountSubject> subjects, string? audience = null)
    {
        Cloud = cloud;
        Issuer = issuer;
        Subjects = [.. subjects.DistinctBy(subject => subject.ToString()).OrderBy(subject => subject.ToString(), StringComparer.Ordinal)];
        ArgumentOutOfRangeException.ThrowIfZero(Subjects.Count, nameof(subjects));
        Audience = audience;
    }

    /// <summary>The cloud.</summary>
    public Cloud Cloud { get; }

    /// <summary>The published issuer, to the character.</summary>
    public string Issuer { get; }

    /// <summary>The trusted ServiceAccounts, sorted, each once.</summary>
    public IReadOnlyList<ServiceAccountSubject> Subjects { get; }

    /// <summary>The configured audience, or null for the cloud's default.</summary>
    public string? Audience { get; }

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
    /// A readable beginning and 64 bits of a hash of what the name stands for. The beginning alone would be the same for
    /// <c>a:b-c</c> and <c>a-b:c</c>, for two clusters, and for two names cut at the same place.
    /// </summary>
    private static string Named(string readable, int longest, IReadOnlyList<string> parts)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..16];
        var room = longest - hash.Length - 1;
        return $"{(readable.Length <= room ? readable : readable[..room].TrimEnd('-'))}-{hash}";
    }
}
