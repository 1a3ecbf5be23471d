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

    /// <summary>The vault has no certificate of that name.</summary>
    NotInVault,

    /// <summary>The cluster has a newer certificate.</summary>
    NewerInCluster,

    /// <summary>The leaf is the same, the chain has changed.</summary>
    ChainChanged,

    /// <summary>The Secret has changed, or the certificate was adopted; the leaf is the same.</summary>
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

    /// <summary>The name belongs to another namespace, which first filled it, and this one has a different certificate.</summary>
    AnotherNamespace,

    /// <summary>The vault's certificate has this job's tags, but they name no Secret, so the owner of the name is unknown.</summary>
    UnknownOwner,

    /// <summary>A person has disabled the certificate.</summary>
    DisabledInVault,

    /// <summary>Several Secrets ask for one name with different certificates, and none of them has precedence.</summary>
    ConflictingSources,

    /// <summary>Different names are mapped to the same one.</summary>
    NameCollision,

    /// <summary>The namespace may not use the name in its annotation.</summary>
    NameNotAllowed,

    /// <summary>The annotation names a vault that is not configured, or none.</summary>
    UnknownVault,

    /// <summary>An annotation is longer than any name can be.</summary>
    AnnotationTooLong,

    /// <summary>Another Secret's certificate for the same name is valid longer.</summary>
    Superseded,

    /// <summary>Issuance has not finished: <c>tls.crt</c> is empty.</summary>
    IssuancePending,

    /// <summary>It is cert-manager's temporary certificate until the real one is issued.</summary>
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

    /// <summary>The Secret's annotation disables the sync.</summary>
    SwitchedOff,

    /// <summary>The Secret disappeared between listing and reading.</summary>
    SecretGone,

    /// <summary>What the Secret holds cannot be imported.</summary>
    InvalidCertificate,

    /// <summary>The certificate's Secret is gone.</summary>
    SourceGone,

    /// <summary>The certificate's Secret uses another name now.</summary>
    SourceRenamed,

    /// <summary>The certificate's Secret exists, but this run does not select it.</summary>
    SourceNotListed,

    /// <summary>The vault's certificate is not the one that its tags describe.</summary>
    TagsMismatch,

    /// <summary>The vault's certificate has changed since it was listed.</summary>
    ChangedInVault,

    /// <summary>More certificates would be pruned than the limit allows.</summary>
    PruneLimit,

    /// <summary>Not every Secret could be listed, so none is certain to be gone.</summary>
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

    /// <summary>The vault rejected the request.</summary>
    VaultRejected,

    /// <summary>The run was stopped before or during the work on it.</summary>
    Stopped,

    /// <summary>A fault that this job does not expect.</summary>
    Unexpected,
}
