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
    /// <summary>The issuer, to the character as it stands in the <c>iss</c> of every token.</summary>
    public string Issuer => Discovery.Issuer;
}
