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

    /// <summary>True when the reason is no fault: the certificate simply is not there yet, or no longer.</summary>
    public bool IsNoFault => Reason is Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone;

    /// <summary>An inspection that found nothing to import.</summary>
    public static Inspection Without(TlsSecretRef secret, Reason reason, string sentence) =>
        new(secret, null) { Reason = reason, Sentence = sentence };
}
