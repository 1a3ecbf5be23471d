namespace ClusterTrust.EndToEnd.Tests;

/// <summary>The peak memory of a running process.</summary>
internal static partial class PeakMemory
{
    /// <summary>Waits for the end of a run, which stays within the limit of its container (twice that with the JIT), whatever servers send and however many items there are.</summary>
    public static async Task<Output> WaitWithinLimitAsync(this RunningProcess process, string job, TimeSpan? timeout = null)
    {
        var limit = Limit().Match(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "manifests", job, "cronjob.yaml"))).Groups["mebibytes"].Value;
        var most = int.Parse(limit, CultureInfo.InvariantCulture) * (Environment.GetEnvironmentVariable("PUBLISHED") == "1" ? 1 : 2);
        var peak = PeakOfAsync(process);
        var output = await process.WaitAsync(timeout);
        Assert.True(await peak < most, $"The run took {await peak} MiB of {most}. {output}");
        return output;
    }

    /// <summary>The high-water mark of the resident memory in MiB, as Linux counts it, read until the process ends.</summary>
    private static async Task<long> PeakOfAsync(RunningProcess process)
    {
        const string label = "VmHWM:";
        var peak = 0L;
        while (!process.HasExited)
        {
            try
            {
                var line = (await File.ReadAllLinesAsync($"/proc/{process.Id}/status")).FirstOrDefault(static line => line.StartsWith(label, StringComparison.Ordinal));
                peak = line is null ? peak : long.Parse(line[label.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
            }
            catch (IOException)
            {
                // It ended in between.
            }

            await Task.Delay(20);
        }

        return peak;
    }

    [GeneratedRegex(@"limits:\n(?: +cpu: .*\n)? +memory: (?<mebibytes>\d+)Mi")]
    private static partial Regex Limit();
}
