namespace ClusterTrust.CertSync.Planning;

/// <summary>What the planner may do, as configured.</summary>
/// <param name="Cluster">This cluster's name, as in the tag <see cref="Ownership.ClusterTag"/>.</param>
public sealed record SyncPolicy(string Cluster)
{
    /// <summary>Takes over certificates that are not ours.</summary>
    public bool Adopt { get; init; }

    /// <summary>Writes over a newer certificate in the vault.</summary>
    public bool AllowOlder { get; init; }

    /// <summary>Recovers soft-deleted names.</summary>
    public bool Recover { get; init; } = true;

    /// <summary>Reads and compares every Secret, whatever the tags say.</summary>
    public bool Full { get; init; }

    /// <summary>What happens to certificates whose Secret is gone.</summary>
    public PruneMode Prune { get; init; } = PruneMode.Keep;

    /// <summary>The most certificates one run may prune.</summary>
    public int PruneLimit { get; init; } = 5;
}
