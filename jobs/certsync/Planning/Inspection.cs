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

    /// <summary>
    /// The action for a Secret without <see cref="Facts"/>: skip if the certificate is not there yet, or no longer; refuse if a
    /// person must change it; fail if reading it again may cure it.
    /// </summary>
    public ActionKind Kind => Reason switch
    {
        Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone => ActionKind.Skip,
        Reason.SecretUnreadable or Reason.Unexpected => ActionKind.Fail,
        _ => ActionKind.Refuse,
    };

    /// <summary>
    /// Whether it is certain that the Secret has no certificate to import. Otherwise it may hold one that another must not replace.
    /// </summary>
    public bool IsKnownToHaveNone => Facts is null && Reason is
        Reason.IssuancePending or Reason.TemporaryCertificate or Reason.SecretGone or Reason.InvalidCertificate;

    public static Inspection Without(TlsSecretRef secret, Reason reason, string sentence) =>
        new(secret, null) { Reason = reason, Sentence = sentence };
}

/// <summary>What the planner needs to know of a certificate that was read; nothing in here is secret.</summary>
/// <param name="Thumbprint">SHA-1 over the leaf's DER, lower-case hexadecimal.</param>
/// <param name="ChainSha256">SHA-256 over the whole chain as it would be sent, lower-case hexadecimal.</param>
/// <param name="Names">A digest of the leaf's names, equal for equal sets of names.</param>
/// <param name="Issuer">A digest of the leaf's issuer.</param>
public sealed record CertificateFacts(
    string Thumbprint, string ChainSha256, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Names, string Issuer)
{
    /// <summary>Whether the leaf may sign other certificates (basic constraints, <c>cA</c>).</summary>
    public bool IsCertificateAuthority { get; init; }
}
