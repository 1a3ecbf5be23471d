using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>What the rules found in one pair of documents.</summary>
/// <param name="Discovery">The discovery document, or null when it could not be understood.</param>
/// <param name="Keys">The key set, or null when it could not be understood.</param>
/// <param name="Refusals">Why it must not be published; empty when it may.</param>
/// <param name="Warnings">What works but will surprise somebody.</param>
/// <param name="Notices">What will be published differently from what was read, and why.</param>
public sealed record IssuerFindings(
    DiscoveryDocument? Discovery,
    JsonWebKeySet? Keys,
    IReadOnlyList<Refusal> Refusals,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Notices)
{
    /// <summary>The <c>jwks_uri</c> as the API server serves it, or null when it could not be understood.</summary>
    public string? ServedJwksUri { get; init; }

    /// <summary>Host names of the API server.</summary>
    public IReadOnlyCollection<string> ApiServerHosts { get; init; } = [];

    /// <summary>Whether the documents must not be published.</summary>
    public bool IsRefused => Refusals.Count > 0 || Discovery is null || Keys is null;

    /// <summary>Turns the findings into documents that passed every rule.</summary>
    /// <exception cref="JobException">At least one rule refused; the message holds every refusal, the exit code is the gravest.</exception>
    public CheckedIssuer ThrowIfRefused()
    {
        if (Refusals.Count > 0)
        {
            throw new JobException(string.Join(" ", Refusals.Select(r => r.Message)), Refusals.Max(r => r.ExitCode));
        }

        return new CheckedIssuer(
            Discovery ?? throw new InvalidOperationException("A discovery document is neither parsed nor refused."),
            Keys ?? throw new InvalidOperationException("A key set is neither parsed nor refused."),
            Warnings,
            Notices)
        {
            ServedJwksUri = ServedJwksUri ?? Discovery.JwksUri,
            ApiServerHosts = ApiServerHosts,
        };
    }
}
