namespace ClusterTrust.CertSync.Planning;

/// <summary>Why an action was chosen. The names are part of the report's format.</summary>
public enum Reason
{
    /// <summary>The tags name the Secrets in the versions they have; no Secret was read.</summary>
    SourceUnchanged,

    /// <summary>The Secret was read and the vault has the same leaf and chain.</summary>
    SameCertificate,

    /// <summary>The source is new or has changed since the last import.</summary>
    SourceChanged,

    /// <summary>The vault has no certificate of that name.</summary>
    NotInVault,

    /// <summary>The cluster's certificate is another and newer one.</summary>
    NewerInCluster,

    /// <summary>The leaf is the same, the chain is another.</summary>
    ChainChanged,

    /// <summary>The Secret moved on, or the certificate was adopted, and the leaf is the same.</summary>
    SourceMoved,

    /// <summary>The name is soft-deleted.</summary>
    SoftDeleted,

    /// <summary>The vault's certificate is newer than the cluster's.</summary>
    OlderThanVault,

    /// <summary>The vault's certificate is not this job's.</summary>
    NotOurs,

    /// <summary>The vault's certificate belongs to another cluster.</summary>
    AnotherCluster,

    /// <summary>The vault's certificate has the tags of a later release.</summary>
    LaterRelease,

    /// <summary>The name belongs to the namespace that first filled it, and this one has a different certificate.</summary>
    AnotherNamespace,

    /// <summary>The vault's certificate has the tags of this job, but they do not name a Secret, so it is not known whose the name is.</summary>
    UnknownOwner,

    /// <summary>A person has disabled the certificate.</summary>
    DisabledInVault,

    /// <summary>Different Secrets ask for one name with different certificates, and none of them has the better right to it.</summary>
    ConflictingSources,

    /// <summary>Different names become one after mapping.</summary>
    NameCollision,

    /// <summary>The namespace may not use the name its annotation asks for.</summary>
    NameNotAllowed,

    /// <summary>The annotation names a vault that is not configured, or none.</summary>
    UnknownVault,

    /// <summary>An annotation is longer than any name can be.</summary>
    AnnotationTooLong,

    /// <summary>Another Secret of the same name is valid longer.</summary>
    Superseded,

    /// <summary>Issuance has not finished: <c>tls.crt</c> is empty.</summary>
    IssuancePending,

    /// <summary>cert-manager's stand-in until the real certificate is issued.</summary>
    TemporaryCertificate,

    /// <summary>It is a CA's certificate, whose private key stays in the cluster.</summary>
    CertificateAuthority,

    /// <summary>cert-manager's next private key during an issuance.</summary>
    NextPrivateKey,

    /// <summary>The Secret has no annotation that names a certificate.</summary>
    NoCertificateAnnotation,

    /// <summary>The namespace is not selected.</summary>
    NamespaceNotSelected,

    /// <summary>The certificate's name is not selected.</summary>
    NameNotSelected,

    /// <summary>The Secret's own annotation switches it off.</summary>
    SwitchedOff,

    /// <summary>The Secret disappeared between listing and reading.</summary>
    SecretGone,

    /// <summary>What the Secret holds cannot be imported.</summary>
    InvalidCertificate,

    /// <summary>The certificate's Secret is gone.</summary>
    SourceGone,

    /// <summary>The certificate's Secret goes to another name now.</summary>
    SourceRenamed,

    /// <summary>The certificate's Secret exists, but this run does not look at it.</summary>
    SourceNotListed,

    /// <summary>The vault's certificate is not the one that its tags describe.</summary>
    TagsMismatch,

    /// <summary>The vault's certificate has changed since it was listed.</summary>
    ChangedInVault,

    /// <summary>More certificates would be pruned than one run may.</summary>
    PruneLimit,

    /// <summary>Not every Secret could be listed, so nothing is known to be gone.</summary>
    ListingIncomplete,

    /// <summary>A namespace could not be listed.</summary>
    NamespaceUnreadable,

    /// <summary>The vault could not be listed.</summary>
    VaultUnavailable,

    /// <summary>The sign-in to the vault failed, or the vault did not accept it.</summary>
    SignInFailed,

    /// <summary>The vault's roles, access policy or firewall forbid it.</summary>
    VaultForbidden,

    /// <summary>Reading the Secret failed.</summary>
    SecretUnreadable,

    /// <summary>The vault did not do what was asked.</summary>
    VaultRejected,

    /// <summary>The run was stopped before its turn came.</summary>
    Stopped,

    /// <summary>A fault that this job does not know.</summary>
    Unexpected,
}
