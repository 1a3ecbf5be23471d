namespace ClusterTrust.Bench;

/// <summary>What one run of a process cost.</summary>
/// <param name="Wall">From fork to its end.</param>
/// <param name="Cpu">User and system time of all its threads.</param>
/// <param name="PeakBytes">The most memory that was resident at once.</param>
internal sealed record Cost(TimeSpan Wall, TimeSpan Cpu, long PeakBytes, IReadOnlyList<Traffic> Traffic)
{
    /// <summary>The median of every figure by itself.</summary>
    public static Cost Median(IReadOnlyList<Cost> runs) => new(
        TimeSpan.FromTicks(Middle(runs, static run => run.Wall.Ticks)),
        TimeSpan.FromTicks(Middle(runs, static run => run.Cpu.Ticks)),
        Middle(runs, static run => run.PeakBytes),
        [.. runs[0].Traffic.Select((first, i) => new Traffic(
            first.Server,
            Middle(runs, run => run.Traffic[i].Requests),
            Middle(runs, run => run.Traffic[i].Bytes),
            Middle(runs, run => run.Traffic[i].SecretReads)))]);

    private static long Middle(IReadOnlyList<Cost> runs, Func<Cost, long> figure) =>
        runs.Select(figure).Order().ElementAt(runs.Count / 2);
}

/// <summary>What one server saw of a run.</summary>
/// <param name="Requests">Requests; for SSH, commands.</param>
/// <param name="Bytes">Bodies both ways; for SSH, everything on the wire.</param>
internal sealed record Traffic(string Server, long Requests, long Bytes, long SecretReads = 0)
{
    public static Traffic operator -(Traffic after, Traffic before) => new(
        after.Server, after.Requests - before.Requests, after.Bytes - before.Bytes, after.SecretReads - before.SecretReads);
}
