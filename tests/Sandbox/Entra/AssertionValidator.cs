using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ClusterTrust.Sandbox.Entra;

/// <summary>Decides whether a client assertion signs an application in: as a token of a trusted issuer, or as one signed by the application's certificate.</summary>
/// <param name="documents">Reads issuers' documents, anew for every assertion.</param>
internal sealed class AssertionValidator(HttpClient documents, TimeProvider clock)
{
    /// <summary>Entra stores no more than the first hundred keys of an issuer.</summary>
    private const int MaximumKeys = 100;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <exception cref="EntraError">The assertion is refused, with the code Entra gives for it.</exception>
    public async Task ValidateAsync(AppRegistration application, string assertion, CancellationToken cancellationToken)
    {
        var token = Read(assertion);
        var isOwn = token.Issuer == application.ClientId;
        if (!isOwn)
        {
            Match(application, token);
        }
        else if (token.Subject != application.ClientId || !token.Audiences.Any(audience => audience.Contains(application.TenantId, StringComparison.OrdinalIgnoreCase)))
        {
            throw Malformed();
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateIssuerSigningKey = true,
            ValidAlgorithms = isOwn ? ["RS256", "PS256"] : ["RS256"],
            IssuerSigningKeys = isOwn ? application.Certificates.Select(static certificate => new X509SecurityKey(certificate)) : await KeysOfAsync(token.Issuer, cancellationToken),
            TryAllIssuerSigningKeys = isOwn,
            LifetimeValidator = (from, to, _, _) => to + ClockSkew >= now && !(from - ClockSkew > now),
        });
        if (!result.IsValid)
        {
            throw result.Exception switch
            {
                SecurityTokenSignatureKeyNotFoundException when !isOwn => new EntraError(
                    401, "invalid_client", 7000272, $"The certificate with identifier {token.Kid} used to sign the federated credential could not be found in the metadata of identity provider {token.Issuer}."),
                SecurityTokenInvalidLifetimeException => new EntraError(401, "invalid_client", 700024, "Client assertion is not within its valid time range."),
                var fault => new EntraError(401, "invalid_client", 700027, $"Client assertion contains an invalid signature. [Reason - {fault.GetType().Name}]"),
            };
        }
    }

    private static JsonWebToken Read(string assertion)
    {
        try
        {
            return new JsonWebToken(assertion);
        }
        catch (Exception fault) when (fault is ArgumentException or SecurityTokenException)
        {
            throw Malformed();
        }
    }

    private static EntraError Malformed() => new(400, "invalid_request", 50027, "JWT token is invalid or malformed.");

    /// <summary>Finds the federated credential, naming the first of issuer, subject and audience that no credential has together with the ones before.</summary>
    private static void Match(AppRegistration application, JsonWebToken token)
    {
        if (application.FederatedCredentials.IsEmpty)
        {
            throw new EntraError(401, "invalid_client", 70025, $"The client '{application.ClientId}' has no configured federated identity credentials.");
        }

        var ofIssuer = application.FederatedCredentials.Where(credential => credential.Issuer == token.Issuer).ToArray();
        if (ofIssuer.Length == 0)
        {
            throw EntraError.NoMatch(700211, "issuer", token.Issuer);
        }

        if (!Array.Exists(ofIssuer, credential => credential.Subject == token.Subject))
        {
            throw EntraError.NoMatch(700213, "subject", token.Subject);
        }

        if (!token.Audiences.Contains(FederatedCredential.DefaultAudience))
        {
            throw EntraError.NoMatch(700212, "audience", string.Join(' ', token.Audiences));
        }
    }

    /// <exception cref="EntraError">A document is unreachable, no JSON, or names another issuer.</exception>
    private async Task<IEnumerable<SecurityKey>> KeysOfAsync(string issuer, CancellationToken cancellationToken)
    {
        try
        {
            var discovery = await OpenIdConnectConfigurationRetriever.GetAsync(
                $"{issuer.TrimEnd('/')}/.well-known/openid-configuration", new HttpDocumentRetriever(documents), cancellationToken);
            return discovery.Issuer == issuer ? discovery.SigningKeys.Take(MaximumKeys) : throw EntraError.DocumentsUnreachable();
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or InvalidOperationException or SecurityTokenException or JsonException)
        {
            throw EntraError.DocumentsUnreachable();
        }
    }
}
