using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>A Secret that was read: the facts for the planner, and the certificate with its key until disposed of.</summary>
/// <param name="Inspection">The facts, or why there are none.</param>
/// <param name="Bundle">The certificate to import; null without facts.</param>
public sealed record InspectedSecret(Inspection Inspection, CertificateBundle? Bundle) : IDisposable
{
    /// <summary>Anomalies of the certificate that do not prevent the import, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The Secret and whether it holds a certificate: never what it holds.</summary>
    public override string ToString() => $"{Inspection.Secret}: {(Bundle is null ? Inspection.Reason : Bundle.Thumbprint)}";

    public void Dispose() => Bundle?.Dispose();
}

/// <summary>Reads Secrets and parses their certificates. A Secret that cannot be used is a result, not an exception.</summary>
/// <param name="time">The time at which certificates must be valid.</param>
public sealed class SecretInspector(ISecretReader reader, BundleOptions options, TimeProvider time)
{
    /// <returns>Dispose of it to wipe the key.</returns>
    public async Task<InspectedSecret> InspectAsync(TlsSecretRef secret, CancellationToken cancellationToken)
    {
        try
        {
            using var material = await reader.ReadAsync(secret, cancellationToken);
            return material is null
                ? Without(secret, Reason.SecretGone, "It was deleted after it was listed.")
                : Inspect(material);
        }
        catch (KubernetesException e)
        {
            return Without(secret, Reason.SecretUnreadable, e.Message);
        }
    }

    private InspectedSecret Inspect(SecretMaterial material)
    {
        if (CertificateParser.IsPending(material.TlsCrt.Span))
        {
            return Without(material.Secret, Reason.IssuancePending, "tls.crt is still empty: the certificate is being issued, and is imported once the issuer has answered.");
        }

        CertificateBundle? bundle = null;
        try
        {
            bundle = CertificateParser.Parse(material.TlsCrt.Span, material.TlsKey.Span, material.CaCrt.Span, options);
            if (bundle.Leaf.Issuer == Annotations.TemporaryIssuer)
            {
                bundle.Dispose();
                return Without(material.Secret, Reason.TemporaryCertificate, "It contains cert-manager's temporary certificate until the real one is issued.");
            }

            var now = time.GetUtcNow();
            bundle.ThrowIfRefused(now);
            return new InspectedSecret(new Inspection(material.Secret, FactsOf(bundle)), bundle) { Warnings = bundle.WarningsAt(now) };
        }
        catch (CertificateFormatException e)
        {
            bundle?.Dispose();
            return Without(material.Secret, Reason.InvalidCertificate, e.Message);
        }
    }

    /// <summary>Digests of names, because a tenant's may have kilobytes and are kept for every Secret that asks for a name in the vault.</summary>
    private static CertificateFacts FactsOf(CertificateBundle bundle) => new(
        bundle.Thumbprint,
        bundle.ChainSha256,
        bundle.NotBefore,
        bundle.NotAfter,
        Ownership.Sha256(string.Join('\n', bundle.Identities)),
        Ownership.Sha256(bundle.Leaf.Issuer))
    {
        IsCertificateAuthority = bundle.IsCertificateAuthority,
    };

    private static InspectedSecret Without(TlsSecretRef secret, Reason reason, string sentence) =>
        new(Inspection.Without(secret, reason, sentence), null);
}
