using System.Collections.Immutable;
using System.Text;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Selects the Secrets to sync.</summary>
public sealed record SecretFilter
{
    /// <summary>The annotation that a Secret must have; its value is the certificate's name.</summary>
    public string CertificateAnnotation { get; init; } = Annotations.CertificateName;

    /// <summary>The namespaces to sync; empty for all.</summary>
    public ImmutableArray<Glob> IncludeNamespaces { get; init; } = [];

    public ImmutableArray<Glob> ExcludeNamespaces { get; init; } = [];

    /// <summary>The certificates to sync, by name; empty for all.</summary>
    public ImmutableArray<NamePattern> CertificateNames { get; init; } = [];

    /// <summary>Why a Secret is not synced; null if it is.</summary>
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

    public bool IncludesNamespace(string name) =>
        (IncludeNamespaces.Length == 0 || IncludeNamespaces.Any(glob => glob.IsMatch(name)))
        && !ExcludeNamespaces.Any(glob => glob.IsMatch(name));

    /// <summary>The certificate's name: the value of <see cref="CertificateAnnotation"/>, empty if the Secret does not have it.</summary>
    public string NameOf(TlsSecretRef secret) => secret.Annotations.GetValueOrDefault(CertificateAnnotation, "");

    /// <summary>The names of the Secrets' certificates, each once, separated by commas.</summary>
    public string NamesOf(IEnumerable<TlsSecretRef> secrets) => string.Join(',', secrets.Select(NameOf).Distinct(StringComparer.Ordinal));

    internal static bool IsTooLong(string value) => Encoding.UTF8.GetByteCount(value) > Annotations.MaximumLength;

    private static bool IsFalse(string value) =>
        value.Trim().ToUpperInvariant() is "FALSE" or "0" or "NO" or "OFF" or "DISABLED";
}
