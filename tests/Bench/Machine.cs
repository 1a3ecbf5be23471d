using System.Runtime.InteropServices;

namespace ClusterTrust.Bench;

/// <summary>The machine in a few words, for whoever compares figures.</summary>
internal static class Machine
{
    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.OSArchitecture.ToString()}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, {System()}, Linux {Environment.OSVersion.Version}");

    private static string System() => Field("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? "Linux";

    private static string? Field(string file, string name) => !File.Exists(file)
        ? null
        : File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split([':', '='], 2)[1].Trim();
}
