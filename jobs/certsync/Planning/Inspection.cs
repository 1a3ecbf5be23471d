namespace ClusterTrust.CertSync.Planning;

/// <summary>What reading a Secret has shown: either <see cref="Facts"/>, or why there are none.</summary>
/// <param name="Secret">The Secret that was read, with the version it had then.</param>
/// <param name="Facts">The certificate in it, if it can be imported.</param>
public sealed record Inspection(TlsSecretRef Secret, CertificateFacts? Facts)
{
    /// <summary>What keeps the certificate from being imported; meaningful only without <see cref="Facts"/>.</summary>
    public Reason Reason { get; init; }

    /// <summary>One sentence on <see cref="Reason"/>, without key material.</summary>
    public string Sentence { get; init; } = "";

    /// <summary>
    /// What a Secret without <see cref="Facts"/> comes to: no fault if the certificate is not there yet, or no longer; a refusal if a
    /// person must change it; a failure if reading it again may cure it.
    /// </summary>
    public ActionKind Kind => Reason switch
    {
        Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone => ActionKind.Skip,
        Reason.SecretUnreadable or Reason.Unexpected => ActionKind.Fail,
        _ => ActionKind.Refuse,
    };

    /// <summary>
    /// True if it is known that the Secret has no certificate which could go to the vault. Otherwise it may hold one that another must
    /// not be imported over.
    /// </summary>
    public bool IsKnownToHaveNone => Facts is null && Reason is
        Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone or Reason.InvalidCertificate;

    /// <summary>An inspection that found nothing to import.</summary>
    public static Inspection Without(TlsSecretRef secret, Reason reason, string sentence) =>
        new(secret, null) { Reason = reason, Sentence = sentence };
}
