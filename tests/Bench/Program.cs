using ClusterTrust.Bench;

// Usage: bench MEASURE ROUNDS [OUTPUT [SCALES]]
// Measures the binaries in artifacts/ as whole processes, one row after the other in every round, and prints medians. SCALES: how many
// of the scales, from the smallest.
var launcher = new Launcher(args[0]);
var rounds = int.Parse(args[1], CultureInfo.InvariantCulture);
Scale[] scales = [new(10, 10), new(1_000, 1_000), new(20_000, 10_000)];
var clusters = new List<BenchCluster>();
try
{
    var nowhere = new Dictionary<string, string>();
    var rows = new List<Row>
    {
        new("oidc --version", rounds, _ => launcher.RunAsync("oidc", ["--version"], nowhere)),
        new("certsync --version", rounds, _ => launcher.RunAsync("certsync", ["--version"], nowhere)),
    };
    foreach (var scale in scales.Take(args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : scales.Length))
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Making {scale.Commits:N0} commits and {scale.Secrets:N0} certificates ..."));
        var cluster = await BenchCluster.StartAsync(launcher, scale);
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

    var table = string.Join('\n', rows.Where(row => row.IsMeasured).Select(row => row.ToMarkdown()));
    var document = $"""
        # Benchmarks

        Written by `make bench`: the native binaries as whole processes, against the sandbox on the same machine. Medians of runs that
        take turns; the first sync of 10,000 runs once. CPU and peak memory are the job's process alone (`wait4`); the wall time also
        has the sandbox's servers in it, which work on the same cores. Requests and bytes per server: bodies both ways, over SSH
        everything on the wire. The system's CA certificates are one file, as in the images. All certificates synced are RSA-2048 with one intermediate.

        {DateTime.UtcNow:yyyy-MM-dd}, {Machine.Describe()}; oidc {Size("oidc")}, certsync {Size("certsync")}.

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
