namespace ClusterTrust.Bench;

/// <summary>One line of the table.</summary>
/// <param name="Runs">The most often it runs; the costly ones run less.</param>
/// <param name="RunAsync">One measured run, given its number from 0; what it needs beforehand is not measured.</param>
internal sealed record Row(string Name, int Runs, Func<int, Task<Cost>> RunAsync)
{
    private readonly List<Cost> _costs = [];

    /// <summary>Whether there is a figure.</summary>
    public bool IsMeasured => _costs.Count > 0;

    /// <summary>One more run.</summary>
    public async Task MeasureAsync(int round)
    {
        var cost = await RunAsync(round);
        _costs.Add(cost);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Name}: {cost.Wall.TotalSeconds:0.000} s wall, {cost.Cpu.TotalSeconds:0.000} s CPU, {cost.PeakBytes / 1048576.0:0.0} MiB"));
    }

    /// <summary>The line in Markdown.</summary>
    public string ToMarkdown()
    {
        var median = Cost.Median(_costs);
        var traffic = median.Traffic.Where(static server => server.Requests > 0).ToList();
        var reads = traffic.Exists(static server => server.Server == "Key Vault")
            ? traffic.Sum(static server => server.SecretReads).ToString("N0", CultureInfo.InvariantCulture)
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Name} | {_costs.Count} | {median.Wall.TotalSeconds:0.000} | {median.Cpu.TotalSeconds:0.000} | {median.PeakBytes / 1048576.0:0.0} | {string.Join("<br>", traffic.Select(Words))} | {reads} |");
    }

    private static string Words(Traffic server) =>
        string.Create(CultureInfo.InvariantCulture, $"{server.Server} {server.Requests:N0}, {server.Bytes / 1024.0:N1} KiB");
}
