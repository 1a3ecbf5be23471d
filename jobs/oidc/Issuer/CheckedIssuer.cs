namespace ClusterTrust.Oidc.Issuer;

/// <summary>An issuer whose documents passed every rule. Made by <see cref="IssuerFindings.ThrowIfRefused"/> and <see cref="KeySets.Join"/>.</summary>
/// <param name="Discovery">What the discovery document is to say.</param>
/// <param name="Keys">The keys the API servers sign with or accept.</param>
/// <param name="Warnings">What works but will surprise somebody.</param>
/// <param name="Notices">What will be published differently from what was read, and why.</param>
public sealed record CheckedIssuer(
    DiscoveryDocument Discovery,
    JsonWebKeySet Keys,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Notices)
{
    /// <summary>The <c>jwks_uri</c> as the API server serves it; <see cref="Discovery"/> has the one that is published.</summary>
    public string ServedJwksUri { get; init; } = Discovery.JwksUri;

    /// <summary>Host names of the API servers: those they were reached by and those in their serving certificates.</summary>
    public IReadOnlyCollection<string> ApiServerHosts { get; init; } = [];

    /// <summary>The issuer, to the character as it stands in the <c>iss</c> of every token.</summary>
    public string Issuer => Discovery.Issuer;
}
