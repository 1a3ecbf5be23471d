namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>A certificate of a vault as it was when it was asked for; later changes make new objects.</summary>
/// <param name="Name">The name as first written; compared without case.</param>
/// <param name="Versions">Oldest first; at least one.</param>
/// <param name="Policy">The policy of the name.</param>
/// <param name="PolicyCreated">When the policy was first set.</param>
/// <param name="PolicyUpdated">When the policy was last set.</param>
public sealed record StoredCertificate(
    string Name,
    IReadOnlyList<StoredVersion> Versions,
    StoredPolicy Policy,
    DateTimeOffset PolicyCreated,
    DateTimeOffset PolicyUpdated)
{
    /// <summary>When it was deleted, if it is.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When it will be gone for good, if it is deleted.</summary>
    public DateTimeOffset? ScheduledPurge { get; init; }

    /// <summary>When the running or last deletion or recovery is over.</summary>
    internal DateTimeOffset SettledAt { get; init; }

    public StoredVersion Latest => Versions[^1];

    /// <summary>Where it is at a time.</summary>
    public CertificatePhase PhaseAt(DateTimeOffset now) => (DeletedAt, now < SettledAt) switch
    {
        (null, false) => CertificatePhase.Active,
        (null, true) => CertificatePhase.BeingRecovered,
        (_, true) => CertificatePhase.BeingDeleted,
        (_, false) => CertificatePhase.Deleted,
    };
}
