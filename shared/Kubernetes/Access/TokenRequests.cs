using k8s.Models;

namespace ClusterTrust.Kubernetes.Access;

/// <summary>Requests ServiceAccount tokens.</summary>
public static class TokenRequests
{
    /// <summary>Creates a token of a ServiceAccount (TokenRequest).</summary>
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
            new Authenticationv1TokenRequest
            {
                ApiVersion = "authentication.k8s.io/v1",
                Kind = "TokenRequest",
                Spec = new V1TokenRequestSpec { Audiences = [.. audiences], ExpirationSeconds = (long)lifetime.TotalSeconds },
            },
            KubernetesJson.Default.Authenticationv1TokenRequest,
            KubernetesJson.Default.Authenticationv1TokenRequest,
            cancellation);
        return answer.Status is { Token.Length: > 0, ExpirationTimestamp: { } expires } status
            ? new IssuedToken(status.Token, expires)
            : throw new KubernetesException($"The API server {ServerFault.Address(connection.Server)} answered the request for a token of ServiceAccount {ns}/{serviceAccount} without one: check the address.");
    }
}

/// <summary>A ServiceAccount token made by TokenRequest.</summary>
/// <param name="token">The JWT. A secret: never log it.</param>
/// <param name="expires">When it ends; the server may shorten what was asked for.</param>
public sealed class IssuedToken(string token, DateTimeOffset expires)
{
    /// <summary>The JWT. A secret: never log it.</summary>
    public string Token { get; } = token;

    /// <summary>When it ends.</summary>
    public DateTimeOffset Expires { get; } = expires;
}

/// <summary>A TokenRequest (authentication.k8s.io/v1), asked and answered. A class, so that no generated text shows the token.</summary>
internal sealed class TokenRequest
{
    public string ApiVersion { get; } = "authentication.k8s.io/v1";

    public string Kind { get; } = "TokenRequest";

    public TokenRequestSpec? Spec { get; init; }

    public TokenRequestStatus? Status { get; init; }

    internal sealed record TokenRequestSpec(IReadOnlyList<string> Audiences, long ExpirationSeconds);

    internal sealed class TokenRequestStatus
    {
        public required string Token { get; init; }

        public required DateTimeOffset ExpirationTimestamp { get; init; }
    }
}
