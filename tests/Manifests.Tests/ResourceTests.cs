namespace ClusterTrust.Manifests.Tests;

/// <summary>Requests and limits follow from the measurements in docs/benchmarks.md, with the headroom that the CronJobs state.</summary>
public sealed class ResourceTests
{
    /// <summary>Memory limits are this much above the highest peak measured.</summary>
    private const double MemoryHeadroom = 1.5;

    /// <summary>The maximum duration, in seconds, of a usual run on a node that provides no more CPU than it requests.</summary>
    private const double LongestOnRequest = 10;

    [Theory]
    [InlineData("oidc")]
    [InlineData("certsync")]
    public void Memory_and_CPU_of_a_CronJob_cover_what_was_measured(string job)
    {
        var rows = Rows(job);
        var resources = Workspace.Render("overlays/self-managed").One("CronJob", job)["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!;
        var (requests, limits) = (resources["requests"]!, resources["limits"]!);

        var peak = rows.Max(static row => row.PeakMiB);
        Assert.True(MiB(limits) >= peak * MemoryHeadroom, $"{job} may use {MiB(limits)} MiB, and used {peak}.");
        Assert.True(MiB(limits) <= peak * 4, $"{job} may use {MiB(limits)} MiB, far more than the {peak} it used.");
        var usual = rows.Where(static row => !row.Name.Contains("10,000 Secrets", StringComparison.Ordinal)).ToArray();
        Assert.True(MiB(requests) >= usual.Max(static row => row.PeakMiB), $"{job} requests {MiB(requests)} MiB, and used {usual.Max(static row => row.PeakMiB)}.");

        Assert.All(rows, row => Assert.True(Cores(limits) >= row.CpuSeconds / row.WallSeconds, $"{row.Name} used {row.CpuSeconds / row.WallSeconds:0.00} cores."));
        Assert.All(
            usual.Where(static row => !row.Name.Contains("first", StringComparison.Ordinal)),
            row => Assert.True(row.CpuSeconds / Cores(requests) <= LongestOnRequest, $"{row.Name} takes {row.CpuSeconds / Cores(requests):0.0} s on its request alone."));
    }

    private static Row[] Rows(string job)
    {
        Row[] rows =
        [
            .. File.ReadAllLines(Path.Combine(Workspace.Root, "docs", "benchmarks.md"))
                .Where(line => line.StartsWith($"| {job} ", StringComparison.Ordinal) && !line.Contains("--version", StringComparison.Ordinal))
                .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
                .Select(static cells => new Row(cells[1], Number(cells[3]), Number(cells[4]), Number(cells[5]))),
        ];
        Assert.NotEmpty(rows);
        Assert.True(job == "oidc" || rows.Any(static row => row.Name.Contains("10,000 Secrets", StringComparison.Ordinal)), "10,000 Secrets were not measured.");
        return rows;
    }

    private static double MiB(JsonNode amounts) => Number(amounts.Text("memory")!.Replace("Mi", "", StringComparison.Ordinal));

    private static double Cores(JsonNode amounts) =>
        amounts.Text("cpu") is { } text && text.EndsWith('m') ? Number(text[..^1]) / 1000 : Number(amounts.Text("cpu")!);

    private static double Number(string text) => double.Parse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    private sealed record Row(string Name, double WallSeconds, double CpuSeconds, double PeakMiB);
}
