using System.Runtime.InteropServices;
using ClusterTrust.Bench;

// Usage: bench MEASURE ROUNDS [OUTPUT [SCALES]]
// Measures the binaries in artifacts/ as whole processes, one row after the other in every round, and prints medians. SCALES: how many
// of the scales, from the smallest.
var (measure, rounds) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
Scale[] scales = [new(10, 10), new(1_000, 1_000), new(20_000, 10_000)];
var clusters = new List<BenchCluster>();
try
{
    var rows = new List<Row>
    {
        new("oidc --version", rounds, _ => Cost.OfAsync(measure, "oidc", ["--version"])),
        new("certsync --version", rounds, _ => Cost.OfAsync(measure, "certsync", ["--version"])),
    };
    foreach (var scale in scales.Take(args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : scales.Length))
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Making {scale.Commits:N0} commits and {scale.Secrets:N0} certificates ..."));
        var cluster = await BenchCluster.StartAsync(measure, scale);
        clusters.Add(cluster);
        rows.AddRange(cluster.OidcRows(rounds));
        rows.AddRange(cluster.CertSyncRows(rounds, scale.Secrets >= 10_000 ? 1 : Math.Min(rounds, 3)));
    }

    for (var round = 0; round < rounds; round++)
    {
        foreach (var row in rows.Where(row => round < row.Runs))
        {
            await row.MeasureAsync(round);
        }
    }

    var table = string.Join('\n', rows.Where(row => row.Costs.Count > 0).Select(row => row.ToMarkdown()));
    var document = $"""
        # Benchmarks

        Written by `make bench`: the native binaries as whole processes, against the sandbox on the same machine. Medians of runs that
        take turns; the first sync of 10,000 runs once. CPU and peak memory are the job's process alone (`wait4`); the wall time also
        has the sandbox's servers in it, which work on the same cores. Requests and bytes per server: bodies both ways, over SSH
        everything on the wire. The system's CA certificates are one file, as in the images. All certificates synced are RSA-2048 with one intermediate.
        No memory limit is set: without one, .NET lets more garbage accumulate the larger the processor's cache is.

        {DateTime.UtcNow:yyyy-MM-dd}, {Machine()}; oidc {Size("oidc")}, certsync {Size("certsync")}.

        | | runs | wall s | CPU s | peak MiB | requests and bytes per server | Secrets read |
        |---|---|---|---|---|---|---|
        {table}

        """;
    Console.WriteLine(document);
    if (args.Length > 2)
    {
        await File.WriteAllTextAsync(args[2], document);
    }

    return 0;
}
finally
{
    foreach (var cluster in clusters)
    {
        await cluster.DisposeAsync();
    }
}

static string Size(string job) =>
    string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(Binaries.Find(job)).Length / 1e6:0.0} MB");

static string Machine() => string.Create(
    CultureInfo.InvariantCulture,
    $"{Field("/proc/cpuinfo", "model name") ?? $"{RuntimeInformation.OSArchitecture}"}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, {Field("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? "Linux"}, Linux {Environment.OSVersion.Version}");

static string? Field(string file, string name) =>
    File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split([':', '='], 2)[1].Trim() : null;
