namespace ClusterTrust.Kubernetes.Access;

/// <summary>Asks the API server for tokens.</summary>
public static class AccessExtensions
{
    /// <summary>Makes a token of a ServiceAccount (TokenRequest).</summary>
    /// <param name="connection">Needs <c>create</c> on <c>serviceaccounts/token</c> in the namespace.</param>
    /// <param name="audiences">Who is to accept the token; the API server itself when empty.</param>
    /// <param name="lifetime">How long; the API server gives at least ten minutes.</param>
    /// <exception cref="KubernetesException">404 when there is no such ServiceAccount, 403 when it is not allowed.</exception>
    public static async Task<IssuedToken> CreateTokenAsync(
        this KubernetesConnection connection, string ns, string serviceAccount, IReadOnlyList<string> audiences, TimeSpan lifetime, CancellationToken cancellation)
    {
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/serviceaccounts/{Uri.EscapeDataString(serviceAccount)}/token";
        var answer = await connection.PostJsonAsync(
            path,
            new TokenRequest { Spec = new TokenRequest.TokenRequestSpec(audiences, (long)lifetime.TotalSeconds) },
            KubernetesJson.Default.TokenRequest,
            KubernetesJson.Default.TokenRequest,
            cancellation);
        return answer.Status is { } status
            ? new IssuedToken(status.Token, status.ExpirationTimestamp)
            : throw new KubernetesException($"The API server {ServerFault.Address(connection.Server)} answered the request for a token of ServiceAccount {ns}/{serviceAccount} without one: check the address.");
    }
}
