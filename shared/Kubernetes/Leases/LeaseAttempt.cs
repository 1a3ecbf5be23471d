namespace ClusterTrust.Kubernetes.Leases;

/// <summary>What came of asking for a lease.</summary>
/// <param name="Held">The lease, when it was free or its holder's time was over; dispose of it to release it. Null when someone else holds it.</param>
/// <param name="Holder">Who holds it: oneself or the other.</param>
/// <param name="Since">When the holder acquired it, by the holder's clock; null when it does not say.</param>
/// <param name="Until">When the holder's time is over unless it renews, by the holder's clock; null when it does not say.</param>
/// <param name="Lasts">How long a holder that does not renew blocks others.</param>
public sealed record LeaseAttempt(HeldLease? Held, string Holder, DateTimeOffset? Since, DateTimeOffset? Until, TimeSpan Lasts);
