namespace ClusterTrust.Oidc.Site;

/// <summary>What is remembered of one published key.</summary>
/// <param name="Kid">The key id.</param>
/// <param name="Thumbprint">The RFC 7638 thumbprint; a kid with another key behind it is another key.</param>
/// <param name="FirstSeen">When this job first saw the key, UTC, whole seconds.</param>
/// <param name="RemovedAt">When no API server served it any more, UTC, whole seconds; null while one does.</param>
public sealed record KeyState(string Kid, string Thumbprint, DateTimeOffset FirstSeen, DateTimeOffset? RemovedAt);
