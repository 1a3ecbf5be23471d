namespace ClusterTrust.Oidc.Issuer;

/// <summary>The two documents of an issuer, as one API server (or one website) served them.</summary>
/// <param name="Discovery">The answer to <see cref="DiscoveryPath"/>.</param>
/// <param name="Jwks">The answer to <see cref="JwksPath"/>.</param>
public sealed record IssuerDocuments(ServedDocument Discovery, ServedDocument Jwks)
{
    /// <summary>The path of the discovery document below an issuer (OpenID Connect Discovery 1.0 §4) and on the API server.</summary>
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    /// <summary>The path of the key set on the API server, and below the issuer in what is published.</summary>
    public const string JwksPath = "/openid/v1/jwks";

    /// <summary>The path of the publisher's state file below the issuer.</summary>
    public const string StatePath = JwksPath + "-state.json";

    /// <summary>Two bodies that were answered with 200 by a server of no further interest.</summary>
    public IssuerDocuments(ReadOnlyMemory<byte> discovery, ReadOnlyMemory<byte> jwks)
        : this(
            new ServedDocument(new Uri(DiscoveryPath, UriKind.Relative), 200, "application/json", discovery),
            new ServedDocument(new Uri(JwksPath, UriKind.Relative), 200, "application/jwk-set+json", jwks))
    {
    }
}
