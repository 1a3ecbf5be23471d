namespace ClusterTrust.CertSync.Planning;

/// <summary>What the planner may do, as configured.</summary>
/// <param name="Cluster">This cluster's name, as in the tag <see cref="Ownership.ClusterTag"/>.</param>
public sealed record SyncPolicy(string Cluster)
{
    /// <summary>Which names namespaces may use beyond those of their own Secrets.</summary>
    public NamePolicy Names { get; init; } = new([]);

    /// <summary>Syncs certificates of CAs too, with their private keys.</summary>
    public bool IncludeAuthorities { get; init; }

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

    /// <summary>The most certificates that one run may prune, of one namespace and of all together.</summary>
    public int PruneLimit { get; init; } = 5;
}
