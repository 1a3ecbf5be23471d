using Azure.Security.KeyVault.Certificates;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// The policy under which a vault never creates a version itself: its issuer is unknown, and before expiry it only e-mails the
/// certificate contacts. A policy belongs to the name, so that an earlier one would otherwise stay in effect.
/// </summary>
internal static class RenewalPolicy
{
    /// <param name="contentType">The format of the secret behind the certificate; a policy without one is refused.</param>
    /// <param name="key">The key, if the vault cannot derive it from the certificate; otherwise null.</param>
    public static CertificatePolicy Manual(CertificateContentType contentType, KeyPolicy? key = null)
    {
        // The model factory, because the constructors either omit the issuer or require a subject, which is the certificate's.
        var policy = CertificateModelFactory.CertificatePolicy(issuerName: WellKnownIssuerNames.Unknown);
        policy.ContentType = contentType;
        policy.LifetimeActions.Add(new LifetimeAction(CertificatePolicyAction.EmailContacts) { LifetimePercentage = 80 });
        if (key is not null)
        {
            policy.Exportable = true;
            policy.KeyType = key.IsRsa ? CertificateKeyType.Rsa : CertificateKeyType.Ec;
            policy.KeySize = key.Size;
            policy.KeyCurveName = key switch
            {
                { IsRsa: true } => (CertificateKeyCurveName?)null,
                { Size: 256 } => CertificateKeyCurveName.P256,
                { Size: 384 } => CertificateKeyCurveName.P384,
                _ => CertificateKeyCurveName.P521,
            };
        }

        return policy;
    }

    /// <summary>Whether a vault with this policy never renews the certificate itself.</summary>
    public static bool IsManual(CertificatePolicy policy) =>
        policy.IssuerName == WellKnownIssuerNames.Unknown
        && policy.LifetimeActions.All(static action => action.Action != CertificatePolicyAction.AutoRenew);
}
