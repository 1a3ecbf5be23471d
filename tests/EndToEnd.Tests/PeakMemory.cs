using System.Globalization;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests;

/// <summary>How much memory a running process takes at most.</summary>
internal static class PeakMemory
{
    /// <summary>What a run may take at its peak, resident, whatever servers send and however much there is to do: the container's limit; twice that with the JIT.</summary>
    public static int MostMebibytes { get; } = Environment.GetEnvironmentVariable("PUBLISHED") == "1" ? 192 : 384;

    /// <summary>The high-water mark of the resident memory in MiB, as Linux counts it, read until the process ends.</summary>
    public static async Task<long> OfAsync(RunningProcess process)
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
}
