namespace ClusterTrust.CertSync.Planning;

/// <summary>The result of reading a Secret: either <see cref="Facts"/>, or why there are none.</summary>
/// <param name="Secret">The Secret, in the version that was read.</param>
/// <param name="Facts">The certificate in it, if it can be imported.</param>
public sealed record Inspection(TlsSecretRef Secret, CertificateFacts? Facts)
{
    /// <summary>Why the certificate cannot be imported; meaningful only without <see cref="Facts"/>.</summary>
    public Reason Reason { get; init; }

    /// <summary><see cref="Reason"/> as one sentence, without key material.</summary>
    public string Sentence { get; init; } = "";

    /// <summary>Anomalies of the certificate that do not prevent the import, one sentence each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>
    /// The action for a Secret without <see cref="Facts"/>: skip if the certificate is not there yet, or no longer; refuse if a
    /// person must change it; fail if reading it again may fix it.
    /// </summary>
    public ActionKind Kind => Reason switch
    {
        Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone => ActionKind.Skip,
        Reason.SecretUnreadable or Reason.Unexpected => ActionKind.Fail,
        _ => ActionKind.Refuse,
    };

    /// <summary>Whether it is certain that the Secret has no certificate to import. Otherwise it may hold one that another must not replace.</summary>
    public bool IsKnownToHaveNone => Facts is null && Reason is
        Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone or Reason.InvalidCertificate;

    /// <summary>
    /// Whether one certificate is a renewal of the other: both have the same names, and the same issuer or one cert-manager Certificate. A CA
    /// may sign with several intermediates in turn, as Let's Encrypt does.
    /// </summary>
    public bool IsOfSameCertificate(Inspection other) => Facts!.Names == other.Facts!.Names
        && (Facts.Issuer == other.Facts.Issuer || (Secret.Namespace == other.Secret.Namespace && CertificateName.Length > 0 && CertificateName == other.CertificateName));

    private string CertificateName => Secret.Annotations.GetValueOrDefault(Annotations.CertificateName, "");

    public static Inspection Without(TlsSecretRef secret, Reason reason, string sentence) =>
        new(secret, null) { Reason = reason, Sentence = sentence };
}
