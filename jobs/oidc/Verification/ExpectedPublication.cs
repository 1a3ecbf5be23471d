using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Verification;

/// <summary>What the public site must serve: exactly this.</summary>
/// <param name="Issuer">The issuer, to the character.</param>
/// <param name="JwksUris">The <c>jwks_uri</c> that may be published, the first one for preference; at least one.</param>
/// <param name="Keys">The keys that must be in the key set.</param>
public sealed record ExpectedPublication(string Issuer, IReadOnlyList<string> JwksUris, JsonWebKeySet Keys)
{
    /// <summary>
    /// How long a key that no API server serves any more may stay published, by the published state file. Null where
    /// <see cref="Keys"/> are all that may be published.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Kids that must never be published.</summary>
    public IReadOnlyCollection<string> DroppedKids { get; init; } = [];

    /// <summary>Kids that were removed a moment ago, which a cache may still serve.</summary>
    public IReadOnlyCollection<string> RemovedKids { get; init; } = [];

    /// <summary>Whether the discovery document changed a moment ago, so that a cache may still serve the earlier one.</summary>
    public bool DiscoveryChanged { get; init; }

    /// <summary>What must be served of an issuer by the cluster alone.</summary>
    /// <param name="issuer">What the API servers serve, checked.</param>
    /// <remarks>The <c>jwks_uri</c> is the published one, or the API server's own where it names the issuer's host.</remarks>
    public static ExpectedPublication Of(CheckedIssuer issuer) => new(
        issuer.Issuer,
        Uri.TryCreate(issuer.ServedJwksUri, UriKind.Absolute, out var served)
            && served.IdnHost.Equals(new Uri(issuer.Issuer).IdnHost, StringComparison.OrdinalIgnoreCase)
            ? [.. new[] { issuer.Discovery.JwksUri, issuer.ServedJwksUri }.Distinct(StringComparer.Ordinal)]
            : [issuer.Discovery.JwksUri],
        issuer.Keys);
}
