namespace ClusterTrust.Bench;

/// <summary>Runs a job as a process and reads what it cost from <c>measure</c> (measure.c).</summary>
internal sealed class Launcher(string measure)
{
    /// <summary>Runs it.</summary>
    public async Task<Cost> RunAsync(string job, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var folder = new TemporaryFolder("clustertrust-bench-");
        var result = folder.Combine("cost");
        await using var runner = new BinaryRunner(measure);
        var output = await runner.RunAsync([result, Binaries.Find(job), .. arguments], environment, TimeSpan.FromMinutes(20));
        if (output.ExitCode != 0)
        {
            throw new InvalidOperationException($"{job} {string.Join(' ', arguments)} failed: {output}");
        }

        var figures = (await File.ReadAllTextAsync(result)).Split(' ').Select(static figure => long.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return new Cost(TimeSpan.FromMicroseconds(figures[0]), TimeSpan.FromMicroseconds(figures[1]), figures[2] * 1024, []);
    }
}
