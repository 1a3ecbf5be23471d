using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Reads Secrets and parses their certificates. A Secret that cannot be used is a result, not an exception.</summary>
/// <param name="time">The time at which certificates must be valid.</param>
public sealed class SecretInspector(ISecretReader reader, BundleOptions options, TimeProvider time)
{
    /// <returns>The facts, or why there are none; and the certificate to import with its key, which the caller disposes of, null without facts.</returns>
    public async Task<(Inspection Inspection, CertificateBundle? Bundle)> InspectAsync(TlsSecretRef secret, CancellationToken cancellationToken)
    {
        try
        {
            using var material = await reader.ReadAsync(secret, cancellationToken);
            return material is null
                ? (Inspection.Without(secret, Reason.SecretGone, "It was deleted after it was listed."), null)
                : Inspect(material);
        }
        catch (KubernetesException e)
        {
            return (Inspection.Without(secret, Reason.SecretUnreadable, e.Message), null);
        }
    }

    private (Inspection Inspection, CertificateBundle? Bundle) Inspect(SecretMaterial material)
    {
        if (CertificateParser.IsEmpty(material.TlsCrt.Span))
        {
            return (Inspection.Without(material.Secret, Reason.IssuancePending, "tls.crt is still empty: the certificate is being issued, and is imported once the issuer has answered."), null);
        }

        CertificateBundle? bundle = null;
        try
        {
            bundle = CertificateParser.Parse(material.TlsCrt.Span, material.TlsKey.Span, material.CaCrt.Span, options);
            if (bundle.Chain[0].Issuer == Annotations.TemporaryIssuer)
            {
                bundle.Dispose();
                return (Inspection.Without(material.Secret, Reason.TemporaryCertificate, "It contains cert-manager's temporary certificate until the real one is issued."), null);
            }

            var now = time.GetUtcNow();
            bundle.ThrowIfRefused(now);
            return (new Inspection(material.Secret, bundle.Facts) { Warnings = bundle.WarningsAt(now) }, bundle);
        }
        catch (CertificateFormatException e)
        {
            bundle?.Dispose();
            return (Inspection.Without(material.Secret, Reason.InvalidCertificate, e.Message), null);
        }
    }
}
