namespace ClusterTrust.Sandbox.Entra;

/// <summary>Decides whether a client assertion signs an application in: as a token of a trusted issuer, or as one signed by the application's certificate.</summary>
internal sealed class AssertionValidator(IssuerKeys issuers, TimeProvider clock)
{
    /// <summary>How far the clocks may be apart.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <exception cref="EntraErrorException">The assertion is refused, with the code Entra gives for it.</exception>
    public async Task ValidateAsync(AppRegistration application, string assertion, CancellationToken cancellationToken)
    {
        var token = JsonWebToken.Parse(assertion) ?? throw EntraErrors.AssertionMalformed();
        if (token.Issuer == application.ClientId)
        {
            ValidateCertificate(application, token);
            return;
        }

        var issuer = token.Issuer ?? throw EntraErrors.AssertionMalformed();
        Match(application, token, issuer);
        if (token.Algorithm != "RS256")
        {
            throw EntraErrors.AlgorithmUnsupported(token.Algorithm ?? "none");
        }

        var keys = await issuers.ReadAsync(issuer, cancellationToken);
        if (token.KeyId is not { } keyId || !keys.TryGetValue(keyId, out var key))
        {
            throw EntraErrors.KeyNotPublished(token.KeyId ?? "", issuer);
        }

        using var rsa = RSA.Create(key);
        if (!token.IsSignedBy(rsa, RSASignaturePadding.Pkcs1))
        {
            throw EntraErrors.SignatureInvalid("The provided signature value did not match the expected signature value.");
        }

        CheckValidity(token);
    }

    /// <summary>Finds the federated credential, naming the first of issuer, subject and audience that no credential has together with the ones before.</summary>
    private static void Match(AppRegistration application, JsonWebToken token, string issuer)
    {
        if (application.FederatedCredentials.Count == 0)
        {
            throw EntraErrors.NoFederatedCredentials(application.ClientId);
        }

        var ofIssuer = application.FederatedCredentials.Where(credential => string.Equals(credential.Issuer, issuer, StringComparison.Ordinal)).ToList();
        if (ofIssuer.Count == 0)
        {
            throw EntraErrors.IssuerUnknown(issuer);
        }

        if (!ofIssuer.Exists(credential => string.Equals(credential.Subject, token.Subject, StringComparison.Ordinal)))
        {
            throw EntraErrors.SubjectUnknown(token.Subject ?? "");
        }

        if (!token.Audiences.Contains(FederatedCredential.DefaultAudience, StringComparer.Ordinal))
        {
            throw EntraErrors.AudienceUnknown(string.Join(' ', token.Audiences));
        }
    }

    private void ValidateCertificate(AppRegistration application, JsonWebToken token)
    {
        var padding = token.Algorithm switch
        {
            "RS256" => RSASignaturePadding.Pkcs1,
            "PS256" => RSASignaturePadding.Pss,
            var other => throw EntraErrors.AlgorithmUnsupported(other ?? "none"),
        };
        var thumbprint = token.Header("x5t#S256") ?? token.Header("x5t") ?? "";
        var certificate = application.Certificates.FirstOrDefault(known =>
            thumbprint == Base64Url.EncodeToString(known.GetCertHash(HashAlgorithmName.SHA256)) || thumbprint == Base64Url.EncodeToString(known.GetCertHash()))
            ?? throw EntraErrors.SignatureInvalid("The key was not found.");
        using var key = certificate.GetRSAPublicKey();
        if (key is null || !token.IsSignedBy(key, padding))
        {
            throw EntraErrors.SignatureInvalid("The provided signature value did not match the expected signature value.");
        }

        var now = clock.GetUtcNow();
        if (certificate.NotAfter.ToUniversalTime() < now.UtcDateTime)
        {
            throw EntraErrors.SignatureInvalid("The key used is expired.");
        }

        if (!token.Audiences.Any(audience => audience.Contains(application.TenantId, StringComparison.OrdinalIgnoreCase)) || token.Subject != application.ClientId)
        {
            throw EntraErrors.AssertionMalformed();
        }

        CheckValidity(token);
    }

    private void CheckValidity(JsonWebToken token)
    {
        var now = clock.GetUtcNow();
        if (token.ExpiresAt is not { } expires || expires + ClockSkew < now || token.NotBefore - ClockSkew > now)
        {
            throw EntraErrors.OutsideValidity(now, token.NotBefore, token.ExpiresAt);
        }
    }
}
