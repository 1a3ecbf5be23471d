using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>A listing sorted by <see cref="TargetResolver"/>.</summary>
/// <param name="Wanted">What should be in the vaults, one entry a place, ordered by vault and name.</param>
/// <param name="Dropped">The Secrets without a place: skipped or refused, with their reason.</param>
public sealed record Targets(ImmutableArray<SyncTarget> Wanted, ImmutableArray<SyncAction> Dropped);
