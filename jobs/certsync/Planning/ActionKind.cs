namespace ClusterTrust.CertSync.Planning;

/// <summary>What is done about one certificate, or one Secret.</summary>
public enum ActionKind
{
    /// <summary>The vault has what the cluster has.</summary>
    Unchanged,

    /// <summary>Not decided yet: the Secret has to be read.</summary>
    Inspect,

    /// <summary>Imported under a name the vault does not have.</summary>
    Create,

    /// <summary>Imported as a new version.</summary>
    Renew,

    /// <summary>Recovered from soft deletion, then imported as a new version unless the same certificate came back.</summary>
    Recover,

    /// <summary>The tags are brought up to date; no new version.</summary>
    UpdateTags,

    /// <summary>Disabled in the vault because its Secret is gone.</summary>
    Disable,

    /// <summary>Deleted from the vault because its Secret is gone.</summary>
    Delete,

    /// <summary>Left as it is in the vault, and reported.</summary>
    Keep,

    /// <summary>The Secret is not synced, for a reason that is no fault.</summary>
    Skip,

    /// <summary>Refused: for safety, or because no retry can cure it; a person must look.</summary>
    Refuse,

    /// <summary>Was tried and failed; a retry may cure it.</summary>
    Fail,
}
