namespace ClusterTrust.CertSync.Planning;

/// <summary>Why an action was chosen. The names are part of the report's format.</summary>
public enum Reason
{
    /// <summary>The tags name the Secrets in their current versions; no Secret was read.</summary>
    SourceUnchanged,

    /// <summary>The Secret was read, and the vault has the same leaf and chain.</summary>
    SameCertificate,

    /// <summary>The source is new or has changed since the last import.</summary>
    SourceChanged,

    NotInVault,
    NewerInCluster,

    /// <summary>The leaf is the same, the chain has changed, or is unknown because something else imported it.</summary>
    ChainChanged,

    /// <summary>The Secret has changed, or the certificate was adopted; the leaf is the same.</summary>
    SourceMoved,

    SoftDeleted,
    OlderThanVault,

    /// <summary>The vault's certificate is not this job's.</summary>
    NotOurs,

    AnotherCluster,

    /// <summary>The vault's certificate has the tags of a later release.</summary>
    LaterRelease,

    /// <summary>The name belongs to another namespace, which first used it, and this one has a different certificate.</summary>
    AnotherNamespace,

    /// <summary>The vault's certificate has this job's tags, but they name no Secret, so the owner of the name is unknown.</summary>
    UnknownOwner,

    /// <summary>A person has disabled the certificate.</summary>
    DisabledInVault,

    /// <summary>Several Secrets request one name with different certificates, and none of them has precedence.</summary>
    ConflictingSources,

    /// <summary>Different names are mapped to the same one.</summary>
    NameCollision,

    /// <summary>The namespace may not use the name in its annotation.</summary>
    NameNotAllowed,

    /// <summary>The annotation names a vault that is not configured, or none.</summary>
    UnknownVault,

    /// <summary>An annotation is longer than any name can be.</summary>
    AnnotationTooLong,

    /// <summary>The annotation <see cref="Annotations.Enabled"/> is neither true nor false.</summary>
    AnnotationInvalid,

    /// <summary>Another Secret's certificate for the same name is newer.</summary>
    Superseded,

    /// <summary>Issuance has not finished: <c>tls.crt</c> is empty.</summary>
    IssuancePending,

    /// <summary>It is cert-manager's temporary certificate until the real one is issued.</summary>
    TemporaryCertificate,

    /// <summary>It is a CA's certificate, whose private key stays in the cluster.</summary>
    CertificateAuthority,

    NextPrivateKey,
    NoCertificateAnnotation,
    NamespaceNotSelected,
    NameNotSelected,

    /// <summary>The Secret's annotation disables the sync.</summary>
    SwitchedOff,

    SecretGone,

    /// <summary>The Secret's content cannot be imported.</summary>
    InvalidCertificate,

    SourceGone,

    /// <summary>The certificate's Secret uses another name now.</summary>
    SourceRenamed,

    SourceNotListed,

    /// <summary>The vault's certificate is not the one that its tags describe.</summary>
    TagsMismatch,

    /// <summary>The vault's certificate has changed since it was listed.</summary>
    ChangedInVault,

    PruneLimit,

    /// <summary>Not every Secret could be listed, so none is certain to be gone.</summary>
    ListingIncomplete,

    NamespaceUnreadable,
    VaultUnavailable,
    SignInFailed,

    /// <summary>The vault's roles, access policy or firewall forbid it.</summary>
    VaultForbidden,

    SecretUnreadable,
    VaultRejected,

    /// <summary>The run was stopped before or during the work on it.</summary>
    Stopped,

    /// <summary>A fault that this job does not expect.</summary>
    Unexpected,
}
