using System.Net;
using System.Net.Sockets;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Telemetry;

/// <summary>The textfile and what a Pushgateway gets, judged by Prometheus' own parser and linter.</summary>
[Trait("ApiServer", "own")]
public sealed class PrometheusTests : TelemetryTest
{
    [Fact]
    public async Task Prometheus_reads_what_is_written_to_a_file_and_what_is_pushed()
    {
        using var gateway = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/";
        gateway.Prefixes.Add(address);
        gateway.Start();
        var pushed = Task.Run(async () =>
        {
            var context = await gateway.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream);
            var body = await reader.ReadToEndAsync();
            context.Response.Close();
            return body;
        });
        var file = Cluster.Folder.Combine("oidc.prom");

        await DoneAsync("oidc", ["--metrics-file", file]);
        await DoneAsync("certsync", ["--pushgateway", address]);

        await CheckAsync(await File.ReadAllTextAsync(file), [.. OfEveryRun, .. OfOidc]);
        await CheckAsync(await pushed, [.. OfEveryRun, .. OfCertSync]);
    }

    private static async Task CheckAsync(string text, string[] names)
    {
        var verdict = await Promtool.RunAsync(["check", "metrics"], text);
        Assert.True(verdict.ExitCode == 0, $"{verdict}\n{text}");
        Assert.Empty(verdict.StandardError.Trim());
        var told = text.Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2].Replace("_total", "", StringComparison.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
