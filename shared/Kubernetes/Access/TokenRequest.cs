namespace ClusterTrust.Kubernetes.Access;

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
