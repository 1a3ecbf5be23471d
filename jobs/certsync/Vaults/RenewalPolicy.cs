using Azure.Security.KeyVault.Certificates;
using ClusterTrust.CertSync.Certificates;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// The policy by which a vault never makes a version of its own: the issuer is unknown to it, and all it does before the end is
/// to write to the certificate contacts. A policy belongs to the name, so one from an earlier life of it would go on otherwise.
/// </summary>
internal static class RenewalPolicy
{
    private const int WarnAtPercentage = 80;

    /// <summary>The policy to send with an import, or over another policy.</summary>
    /// <param name="contentType">The form of the secret behind the certificate; a policy without one is refused.</param>
    /// <param name="key">The key, for a certificate that the vault cannot tell it from; null for all others.</param>
    public static CertificatePolicy Manual(CertificateContentType contentType, KeyPolicy? key = null)
    {
        // The model factory, because the constructors either leave the issuer out or demand a subject, which is the certificate's.
        var policy = CertificateModelFactory.CertificatePolicy(issuerName: WellKnownIssuerNames.Unknown);
        policy.ContentType = contentType;
        policy.LifetimeActions.Add(new LifetimeAction(CertificatePolicyAction.EmailContacts) { LifetimePercentage = WarnAtPercentage });
        if (key is not null)
        {
            policy.Exportable = true;
            policy.KeyType = key.Algorithm == KeyAlgorithm.Rsa ? CertificateKeyType.Rsa : CertificateKeyType.Ec;
            policy.KeySize = key.Size;
            policy.KeyCurveName = (key.Algorithm, key.Size) switch
            {
                (KeyAlgorithm.Ec, 256) => CertificateKeyCurveName.P256,
                (KeyAlgorithm.Ec, 384) => CertificateKeyCurveName.P384,
                (KeyAlgorithm.Ec, _) => CertificateKeyCurveName.P521,
                _ => (CertificateKeyCurveName?)null,
            };
        }

        return policy;
    }

    /// <summary>Whether a vault with this policy leaves the certificate alone.</summary>
    public static bool IsManual(CertificatePolicy policy) =>
        policy.IssuerName == WellKnownIssuerNames.Unknown
        && policy.LifetimeActions.All(static action => action.Action != CertificatePolicyAction.AutoRenew);

    /// <summary>Key Vault's name for a format.</summary>
    public static CertificateContentType ContentType(CertificateFormat format) =>
        format == CertificateFormat.Pem ? CertificateContentType.Pem : CertificateContentType.Pkcs12;
}
