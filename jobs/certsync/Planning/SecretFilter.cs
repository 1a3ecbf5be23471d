using System.Collections.Immutable;
using System.Text;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Says which Secrets of a listing are certificates to sync, and why the others are not.</summary>
public sealed record SecretFilter
{
    /// <summary>The annotation a Secret must carry; its value is the certificate's name.</summary>
    public string CertificateAnnotation { get; init; } = Annotations.CertificateName;

    /// <summary>If there are any, a namespace must match one of them.</summary>
    public ImmutableArray<Glob> IncludeNamespaces { get; init; } = [];

    /// <summary>A namespace must match none of them.</summary>
    public ImmutableArray<Glob> ExcludeNamespaces { get; init; } = [];

    /// <summary>If there are any, the certificate's name must match one of them.</summary>
    public ImmutableArray<NamePattern> CertificateNames { get; init; } = [];

    /// <summary>Why a Secret is left out, or null if it is to be synced.</summary>
    public Reason? Exclude(TlsSecretRef secret)
    {
        if (secret.Labels.TryGetValue(Annotations.NextPrivateKeyLabel, out var next) && next == "true")
        {
            return Reason.NextPrivateKey;
        }

        if (!secret.Annotations.TryGetValue(CertificateAnnotation, out var name) || name.Length == 0)
        {
            return Reason.NoCertificateAnnotation;
        }

        if (!IncludesNamespace(secret.Namespace))
        {
            return Reason.NamespaceNotSelected;
        }

        if (IsTooLong(name))
        {
            return Reason.AnnotationTooLong;
        }

        if (CertificateNames.Length > 0 && !CertificateNames.Any(pattern => pattern.IsMatch(name)))
        {
            return Reason.NameNotSelected;
        }

        if (secret.Annotations.TryGetValue(Annotations.Enabled, out var enabled) && !IsTooLong(enabled) && IsFalse(enabled))
        {
            return Reason.SwitchedOff;
        }

        return secret.Annotations.Values.Any(IsTooLong) ? Reason.AnnotationTooLong : null;
    }

    /// <summary>Whether Secrets of this namespace are looked at.</summary>
    public bool IncludesNamespace(string name) =>
        (IncludeNamespaces.Length == 0 || IncludeNamespaces.Any(glob => glob.IsMatch(name)))
        && !ExcludeNamespaces.Any(glob => glob.IsMatch(name));

    /// <summary>The certificate's name: the value of <see cref="CertificateAnnotation"/>.</summary>
    public string NameOf(TlsSecretRef secret) => secret.Annotations[CertificateAnnotation];

    internal static bool IsTooLong(string value) => Encoding.UTF8.GetByteCount(value) > Annotations.MaximumLength;

    private static bool IsFalse(string value) =>
        value.Trim().ToUpperInvariant() is "FALSE" or "0" or "NO" or "OFF" or "DISABLED";
}
