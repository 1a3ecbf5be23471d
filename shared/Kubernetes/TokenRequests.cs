using k8s.Models;

namespace ClusterTrust.Kubernetes;

/// <summary>Requests ServiceAccount tokens.</summary>
public static class TokenRequests
{
    /// <summary>Requests a token of a ServiceAccount (TokenRequest).</summary>
    /// <param name="connection">Needs <c>create</c> on <c>serviceaccounts/token</c> in the namespace.</param>
    /// <param name="audiences">The audiences; empty for the API server.</param>
    /// <param name="lifetime">The lifetime; the API server requires at least ten minutes.</param>
    /// <returns>The JWT. A secret: never log it.</returns>
    /// <exception cref="KubernetesException">404 when there is no such ServiceAccount, 403 when it is forbidden.</exception>
    public static async Task<string> CreateTokenAsync(
        this KubernetesConnection connection, string ns, string serviceAccount, IReadOnlyList<string> audiences, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/serviceaccounts/{Uri.EscapeDataString(serviceAccount)}/token";
        var answer = await connection.PostJsonAsync(
            path,
            new Authenticationv1TokenRequest
            {
                ApiVersion = "authentication.k8s.io/v1",
                Kind = "TokenRequest",
                Spec = new V1TokenRequestSpec { Audiences = [.. audiences], ExpirationSeconds = (long)lifetime.TotalSeconds },
            },
            KubernetesJson.Default.Authenticationv1TokenRequest,
            cancellationToken);
        return answer.Status is { Token: { Length: > 0 } token }
            ? token
            : throw new KubernetesException($"The API server {ServerFault.Address(connection.Server)} answered the request for a token of ServiceAccount {ns}/{serviceAccount} without one: check the address.");
    }
}
