namespace ClusterTrust.CertSync.Planning;

/// <summary>Selects the Secrets to sync. The API server applies what it can in its listing; <see cref="Exclude"/> applies the rest.</summary>
public sealed record SecretFilter
{
    /// <summary>How many namespaces the API server excludes; it compares every Secret with each of them.</summary>
    private const int MaximumExcluded = 20;

    public string CertificateAnnotation { get; init; } = Annotations.CertificateName;

    public ImmutableArray<Glob> IncludeNamespaces { get; init; } = [];

    public ImmutableArray<Glob> ExcludeNamespaces { get; init; } = [];

    /// <summary>The certificates to sync, by name; empty for all.</summary>
    public ImmutableArray<NamePattern> CertificateNames { get; init; } = [];

    public bool IncludeOpaque { get; init; }

    /// <summary>A Kubernetes label selector; null for all. Secrets that it excludes are not listed, but do exist.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>
    /// The namespaces to list one by one, which requires permissions in these only: those included, if all are plain names, without
    /// those excluded. Null for the whole cluster: namespaces that match a pattern can only be found in a listing of all.
    /// </summary>
    public IReadOnlyList<string>? NamespacesToList => IncludeNamespaces.Length > 0 && IncludeNamespaces.All(static glob => glob.IsLiteral)
        ? [.. IncludeNamespaces.Select(static glob => glob.Pattern).Distinct(StringComparer.Ordinal).Where(IncludesNamespace)]
        : null;

    /// <summary>The namespaces that the API server leaves out of a listing of the whole cluster: the first plain names among those excluded.</summary>
    public IReadOnlyList<string> NamespacesToOmit =>
        [.. ExcludeNamespaces.Select(static glob => glob.Pattern).Where(KubernetesName.IsNamespace).Distinct(StringComparer.Ordinal).Take(MaximumExcluded)];

    /// <summary>Why a Secret is not synced, with the reason as one sentence; null if it is.</summary>
    public (Reason Reason, string Sentence)? Exclude(TlsSecretRef secret) => NameOf(secret) switch
    {
        _ when secret.Labels.GetValueOrDefault(Annotations.NextPrivateKeyLabel) == "true" =>
            (Reason.NextPrivateKey, "It contains cert-manager's next private key during an issuance, not a certificate."),
        "" => (Reason.NoCertificateAnnotation, $"It has no annotation {CertificateAnnotation}."),
        _ when !IncludesNamespace(secret.Namespace) => (Reason.NamespaceNotSelected, $"Namespace {secret.Namespace} is not selected."),
        var name when IsTooLong(name) => TooLong(secret),
        var name when CertificateNames.Length > 0 && !CertificateNames.Any(pattern => pattern.IsMatch(name)) =>
            (Reason.NameNotSelected, $"Certificate {Annotations.Quote(name)} is not selected by name."),
        _ when IsEnabled(secret) == false => (Reason.SwitchedOff, $"The annotation {Annotations.Enabled} disables it."),
        _ when secret.Annotations.Values.Any(IsTooLong) => TooLong(secret),
        _ when IsEnabled(secret) is null => (Reason.AnnotationInvalid,
            $"The annotation {Annotations.Enabled} is '{Annotations.Quote(secret.Annotations[Annotations.Enabled])}', which is neither true nor false: correct it."),
        _ => null,
    };

    public bool IncludesNamespace(string name) =>
        (IncludeNamespaces.Length == 0 || IncludeNamespaces.Any(glob => glob.IsMatch(name)))
        && !ExcludeNamespaces.Any(glob => glob.IsMatch(name));

    /// <summary>The certificate's name: the value of <see cref="CertificateAnnotation"/>, empty if the Secret does not have it.</summary>
    public string NameOf(TlsSecretRef secret) => secret.Annotations.GetValueOrDefault(CertificateAnnotation, "");

    /// <summary>The names of the Secrets' certificates, each once, at most <see cref="SyncAction.MaximumNamed"/>, separated by commas.</summary>
    public string NamesOf(IEnumerable<TlsSecretRef> secrets) => string.Join(',', secrets.Select(NameOf).Distinct(StringComparer.Ordinal).Take(SyncAction.MaximumNamed));

    private static (Reason Reason, string Sentence) TooLong(TlsSecretRef secret)
    {
        var names = secret.Annotations.Where(static annotation => IsTooLong(annotation.Value)).Select(static annotation => annotation.Key).Order(StringComparer.Ordinal);
        return (Reason.AnnotationTooLong, $"An annotation that this job reads is longer than {Annotations.MaximumLength} bytes: shorten {string.Join(" or ", names)}.");
    }

    private static bool IsTooLong(string value) => Encoding.UTF8.GetByteCount(value) > Annotations.MaximumLength;

    /// <summary>Whether the annotation <see cref="Annotations.Enabled"/> is true, absent or empty; null if it is neither true nor false.</summary>
    private static bool? IsEnabled(TlsSecretRef secret) => secret.Annotations.GetValueOrDefault(Annotations.Enabled, "").Trim().ToUpperInvariant() switch
    {
        "" or "TRUE" or "1" or "YES" or "ON" or "ENABLED" => true,
        "FALSE" or "0" or "NO" or "OFF" or "DISABLED" => false,
        _ => null,
    };
}
