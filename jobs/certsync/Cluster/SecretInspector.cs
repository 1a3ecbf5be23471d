using System.Security.Cryptography;
using System.Text;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Reads Secrets and says what certificate is in them. A Secret that cannot be used is a result, not an exception.</summary>
/// <param name="reader">Reads them.</param>
/// <param name="options">How chains are put together.</param>
/// <param name="time">Tells which certificates have expired.</param>
public sealed class SecretInspector(ISecretReader reader, BundleOptions options, TimeProvider time)
{
    /// <summary>Reads one Secret.</summary>
    /// <param name="secret">The Secret as listed.</param>
    /// <returns>What is in it. Dispose of it to wipe the key.</returns>
    public async Task<InspectedSecret> InspectAsync(TlsSecretRef secret, CancellationToken cancellation = default)
    {
        try
        {
            using var material = await reader.ReadAsync(secret, cancellation);
            return material is null
                ? Without(secret, Reason.SecretGone, "It was deleted after it was listed.")
                : Inspect(material);
        }
        catch (KubernetesException e)
        {
            return Without(secret, Reason.SecretUnreadable, e.Message);
        }
    }

    /// <summary>Says what certificate is in a Secret that was read.</summary>
    public InspectedSecret Inspect(SecretMaterial material)
    {
        CertificateBundle? bundle = null;
        try
        {
            bundle = CertificateBundle.Parse(material.TlsCrt, material.TlsKey, material.CaCrt, options);
            if (IsTemporary(bundle))
            {
                bundle.Dispose();
                return Temporary(material.Secret);
            }

            var now = time.GetUtcNow();
            bundle.ThrowIfExpired(now);
            return new InspectedSecret(new Inspection(material.Secret, FactsOf(bundle)), bundle) { Warnings = bundle.WarningsAt(now) };
        }
        catch (CertificateFormatException e)
        {
            bundle?.Dispose();
            return e.Fault switch
            {
                CertificateFault.ChainGap when IsTemporaryWithGap(material) => Temporary(material.Secret),
                CertificateFault.Pending => Without(material.Secret, Reason.IssuancePending, e.Message),
                _ => Without(material.Secret, Reason.InvalidCertificate, e.Message),
            };
        }
    }

    private static CertificateFacts FactsOf(CertificateBundle bundle) => new(
        bundle.Thumbprint,
        bundle.ChainSha256,
        bundle.NotBefore,
        bundle.NotAfter,
        Digest(string.Join('\n', bundle.Identities)),
        Digest(bundle.Leaf.Issuer))
    {
        IsCertificateAuthority = bundle.IsCertificateAuthority,
    };

    /// <summary>Names fill kilobytes if a tenant so decides, and are kept for every Secret that asks for a name in the vault.</summary>
    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool IsTemporary(CertificateBundle bundle) => bundle.Leaf.Issuer == Annotations.TemporaryIssuer;

    /// <summary>A temporary certificate has no issuer to be found, so a strict chain refuses it first.</summary>
    private bool IsTemporaryWithGap(SecretMaterial material)
    {
        using var bundle = CertificateBundle.Parse(material.TlsCrt, material.TlsKey, material.CaCrt, options with { StrictChain = false });
        return IsTemporary(bundle);
    }

    private static InspectedSecret Temporary(TlsSecretRef secret) =>
        Without(secret, Reason.TemporaryCertificate, "It holds cert-manager's temporary certificate until the real one is issued.");

    private static InspectedSecret Without(TlsSecretRef secret, Reason reason, string sentence) =>
        new(Inspection.Without(secret, reason, sentence), null);
}
