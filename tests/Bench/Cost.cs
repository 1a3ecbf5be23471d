namespace ClusterTrust.Bench;

/// <summary>What one run of a process cost.</summary>
/// <param name="Wall">From fork to its end.</param>
/// <param name="Cpu">User and system time of all its threads.</param>
/// <param name="PeakBytes">The most memory that was resident at once.</param>
internal sealed record Cost(TimeSpan Wall, TimeSpan Cpu, long PeakBytes, IReadOnlyList<Traffic> Traffic)
{
    /// <summary>Runs a job as a process and reads what it cost from <c>measure</c> (measure.c).</summary>
    public static async Task<Cost> OfAsync(string measure, string job, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var runner = new BinaryRunner(measure);
        var result = Path.Combine(runner.Home, "cost");
        (await runner.RunAsync([result, Binaries.Find(job), .. arguments], environment, TimeSpan.FromMinutes(20))).OrThrow();
        var figures = (await File.ReadAllTextAsync(result)).Split(' ').Select(static figure => long.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return new Cost(TimeSpan.FromMicroseconds(figures[0]), TimeSpan.FromMicroseconds(figures[1]), figures[2] * 1024, []);
    }

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

/// <summary>One line of the table.</summary>
/// <param name="Runs">The most often it runs; the costly ones run less.</param>
/// <param name="RunAsync">One measured run, given its number from 0; what it needs beforehand is not measured.</param>
internal sealed record Row(string Name, int Runs, Func<int, Task<Cost>> RunAsync)
{
    public List<Cost> Costs { get; } = [];

    public async Task MeasureAsync(int round)
    {
        var cost = await RunAsync(round);
        Costs.Add(cost);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Name}: {cost.Wall.TotalSeconds:0.000} s wall, {cost.Cpu.TotalSeconds:0.000} s CPU, {cost.PeakBytes / 1048576.0:0.0} MiB"));
    }

    public string ToMarkdown()
    {
        var median = Cost.Median(Costs);
        var traffic = median.Traffic.Where(static server => server.Requests > 0).ToList();
        var words = traffic.Select(static server => string.Create(CultureInfo.InvariantCulture, $"{server.Server} {server.Requests:N0}, {server.Bytes / 1024.0:N1} KiB"));
        var reads = traffic.Exists(static server => server.Server == "Key Vault")
            ? traffic.Sum(static server => server.SecretReads).ToString("N0", CultureInfo.InvariantCulture)
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Name} | {Costs.Count} | {median.Wall.TotalSeconds:0.000} | {median.Cpu.TotalSeconds:0.000} | {median.PeakBytes / 1048576.0:0.0} | {string.Join("<br>", words)} | {reads} |");
    }
}
