namespace ClusterTrust.CertSync.Planning;

/// <summary>What happens to a certificate of ours whose Secret is gone.</summary>
public enum PruneMode
{
    /// <summary>It is kept and reported.</summary>
    Keep,

    /// <summary>It is disabled; nobody can read it until a person enables it again.</summary>
    Disable,

    /// <summary>It is deleted; soft deletion keeps it recoverable for the vault's retention time.</summary>
    Delete,
}
