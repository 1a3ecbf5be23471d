namespace ClusterTrust.Hosting;

/// <summary>What a run did, in a few words and numbers. Never key material, tokens or passwords.</summary>
/// <param name="Message">One sentence.</param>
public sealed record JobSummary(string Message)
{
    /// <summary>How many of what, in the order they are shown: <c>created</c> 2, <c>unchanged</c> 40.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Counts { get; init; } = [];

    /// <summary>The items that failed, the most telling first: the termination message may have no room for all.</summary>
    public IReadOnlyList<JobFailure> Failures { get; init; } = [];
}
