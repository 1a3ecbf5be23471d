using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Kubernetes.Authentication;

namespace ClusterTrust.Kubernetes.Configuration;

/// <summary>Everything that is needed to speak to one API server.</summary>
/// <param name="Server">Its address; a path, if any, stands before every request's path.</param>
/// <param name="Namespace">The namespace of one's own.</param>
/// <param name="Tokens">Where the bearer token comes from.</param>
internal sealed record ClusterConfiguration(Uri Server, string Namespace, ITokenSource Tokens)
{
    /// <summary>The CA certificates that are trusted; null trusts the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The certificate that authenticates the client; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The name in the server's certificate where it is not the address's; null otherwise.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy of the kubeconfig; null leaves it to the environment.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Who the credentials speak for, as far as they say it themselves; never verified.</summary>
    public string? Identity { get; init; }
}
