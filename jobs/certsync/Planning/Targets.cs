using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>A listing sorted by <see cref="TargetResolver"/>.</summary>
/// <param name="Wanted">What should be in the vaults, one entry a name, ordered by vault and name.</param>
/// <param name="WithoutTarget">Lines about Secrets that ask for no name in a vault: skipped or refused, with their reason.</param>
public sealed record Targets(ImmutableArray<SyncTarget> Wanted, ImmutableArray<SyncAction> WithoutTarget);
