namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>How an API server is set up.</summary>
public sealed record ApiServerOptions
{
    /// <summary><c>--service-account-issuer</c>.</summary>
    public string Issuer { get; init; } = "https://example.github.io/cluster-a";

    /// <summary><c>--service-account-jwks-uri</c>; null means the issuer followed by <c>/openid/v1/jwks</c>, as a cluster that publishes its issuer is set up.</summary>
    public string? JwksUri { get; init; }

    /// <summary><c>--api-audiences</c>; null means the issuer alone.</summary>
    public IReadOnlyList<string>? ApiAudiences { get; init; }

    /// <summary>Algorithm of the first signing key.</summary>
    public SigningAlgorithm SigningAlgorithm { get; init; } = SigningAlgorithm.RS256;

    /// <summary>The server's clock, for tokens and creation times.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether controllers act on namespaces. Without them there are no default ServiceAccounts, and a deleted namespace stays terminating.</summary>
    public bool Controllers { get; init; } = true;
}
