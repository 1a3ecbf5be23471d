namespace ClusterTrust.Oidc.Site;

/// <summary>What is remembered of one published key.</summary>
/// <param name="Kid">The key id.</param>
/// <param name="Thumbprint">The RFC 7638 thumbprint; a kid with another key behind it is another key.</param>
/// <param name="FirstSeen">When this job first saw the key, UTC, whole seconds.</param>
/// <param name="RemovedAt">When no API server served it any more, UTC, whole seconds; null while one does.</param>
public sealed record KeyState(string Kid, string Thumbprint, DateTimeOffset FirstSeen, DateTimeOffset? RemovedAt)
{
    // What clocks differ by.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);

    /// <summary>Why this cannot be the history of a key that the API servers served, as a clause that follows "and"; null when it can.</summary>
    public string? FaultOf(DateTimeOffset now) =>
        FirstSeen > now + ClockDifference ? $"the state file has it first seen in the future ({PublishedState.Format(FirstSeen)})"
        : RemovedAt > now + ClockDifference ? $"the state file has it removed in the future ({PublishedState.Format(RemovedAt.Value)})"
        : RemovedAt < FirstSeen ? "the state file has it removed before it was first seen"
        : null;
}

/// <summary>A key that <c>--drop-key</c> removed. It is never published again, whatever the repository holds.</summary>
/// <param name="Kid">The key id.</param>
/// <param name="DroppedAt">When, UTC, whole seconds.</param>
public sealed record DroppedKey(string Kid, DateTimeOffset DroppedAt);
