using ClusterTrust.Sandbox.Telemetry;

namespace ClusterTrust.EndToEnd.Tests.Telemetry;

/// <summary>
/// Metrics and traces of both jobs: over OTLP, decoded by OpenTelemetry's own definitions, and as a textfile and what a Pushgateway gets,
/// checked by Prometheus' own parser and linter.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class TelemetryTests : SandboxTest
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>What every run measures.</summary>
    private static readonly string[] OfEveryRun = ["clustertrust_http_requests", "clustertrust_last_success_timestamp_seconds", "clustertrust_run_duration_seconds"];

    private static readonly string[] OfOidc = [.. OfEveryRun, "oidc_keys", "oidc_public_url_serves_published", "oidc_published_age_seconds"];

    private static readonly string[] OfCertSync = [.. OfEveryRun, "certsync_certificate_not_after_timestamp_seconds", "certsync_items", "clustertrust_requests_left"];

    private string[] Publish => ["publish", .. Cluster.OidcArguments()];

    private string[] Sync => ["sync", .. Cluster.CertSyncArguments()];

    [Fact]
    public async Task Every_metric_and_the_spans_of_a_run_arrive_over_gRPC_and_over_HTTP_and_Prometheus_reads_what_is_written_and_pushed()
    {
        Cluster.JobsAreProcesses = true;
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var gateway = new Collector(Cluster.Authority);
        await gateway.StartAsync();
        var file = Cluster.Folder.Combine("oidc.prom");
        var started = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Expect.Done(await Cluster.RunAsync("oidc", [.. Publish, "--metrics-file", file], new Dictionary<string, string> { [Endpoint] = receiver.Grpc.AbsoluteUri, ["OTEL_RESOURCE_ATTRIBUTES"] = "cluster=blue" }));
        Expect.Done(await Cluster.RunAsync(
            "certsync", [.. Sync, "--pushgateway", gateway.LoopbackAddress.AbsoluteUri],
            new Dictionary<string, string> { [Endpoint] = receiver.Http.AbsoluteUri, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" }));
        await CheckAsync(await File.ReadAllTextAsync(file), OfOidc);
        await CheckAsync(Assert.Single(gateway.Bodies), OfCertSync);

        Assert.Equal(["grpc", "http"], receiver.Requests("Metrics").Concat(receiver.Requests("Trace")).Select(static request => (string)request["protocol"]!).Distinct().Order());
        var ofOidc = PointsOf(receiver, "oidc");
        Assert.Equal(OfOidc.Order(StringComparer.Ordinal), NamesOf(ofOidc));
        Assert.All(ofOidc, static point => Assert.Equal(("clustertrust", "blue"), (point.Resource["service.namespace"], point.Resource["cluster"])));
        Assert.Equal(1, ValueOf(ofOidc, "oidc_public_url_serves_published", ("issuer", SandboxCluster.Issuer)));
        Assert.Equal(1, ValueOf(ofOidc, "oidc_keys", ("issuer", SandboxCluster.Issuer), ("state", "added")));
        Assert.True(ValueOf(ofOidc, "clustertrust_http_requests", ("server", "example.github.io"), ("status", "200")) >= 2);

        var ofCertSync = PointsOf(receiver, "certsync");
        Assert.Equal(OfCertSync.Order(StringComparer.Ordinal), NamesOf(ofCertSync));
        Assert.Equal(1, ValueOf(ofCertSync, "certsync_items", ("action", "create"), ("reason", "not-in-vault")));
        Assert.Equal("sum", ofCertSync.First(static point => point.Name == "certsync_items").Kind);
        Assert.InRange(ValueOf(ofCertSync, "clustertrust_last_success_timestamp_seconds", ("job", "certsync"), ("command", "sync")), started, started + 300);
        Assert.Equal(
            Cluster.Vault.Find("web")!.Latest.Certificate.NotAfter.ToUniversalTime().Ticks,
            DateTimeOffset.FromUnixTimeSeconds((long)ValueOf(ofCertSync, "certsync_certificate_not_after_timestamp_seconds", ("name", "web"), ("certificate_name", "web"))).UtcDateTime.Ticks);
        Assert.InRange(ValueOf(ofCertSync, "clustertrust_requests_left", ("server", $"{SandboxCluster.VaultName}.vault.azure.net")), 1, 1000);

        var run = Assert.Single(receiver.Spans(), static span => span.Name == "certsync sync");
        Assert.Equal(("STATUS_CODE_OK", "", "0"), (run.Status, run.ParentId, run.Attributes["clustertrust.exit_code"]));
        var import = Assert.Single(receiver.Spans(), static span => span.TraceId.Length > 0 && span.Attributes.GetValueOrDefault("url.full", "").Contains("/certificates/web/import", StringComparison.Ordinal));
        Assert.Equal(run.TraceId, import.TraceId);

        Cluster.Certificates.Mismatched(new("shop", "legacy"));
        Expect.Exit(Expect.Refused, await Cluster.RunAsync("certsync", Sync, new Dictionary<string, string> { [Endpoint] = receiver.Grpc.AbsoluteUri }));
        Assert.Equal(["0", "3"], PointsOf(receiver, "certsync").Where(static point => point.Name == "clustertrust_run_duration_seconds").Select(static point => point.Attributes["exit_code"]).Order());
        Assert.Equal(["STATUS_CODE_ERROR", "STATUS_CODE_OK"], receiver.Spans().Where(static span => span.Name == "certsync sync").Select(static span => span.Status).Order());
    }

    private static OtlpPoint[] PointsOf(OtlpReceiver receiver, string job) => [.. receiver.Points().Where(point => point.Resource["service.name"] == job)];

    private static IEnumerable<string> NamesOf(IEnumerable<OtlpPoint> points) => points
        .Select(static point => point.Name)
        .Where(static name => !name.StartsWith("http.", StringComparison.Ordinal) && !name.StartsWith("dns.", StringComparison.Ordinal))
        .Distinct().Order(StringComparer.Ordinal);

    private static double ValueOf(IEnumerable<OtlpPoint> points, string name, params (string Name, string Value)[] attributes) => Assert.Single(
        points, point => point.Name == name && attributes.All(one => point.Attributes.GetValueOrDefault(one.Name) == one.Value)).Value;

    private static async Task CheckAsync(string text, string[] names)
    {
        var output = await Promtool.RunAsync(["check", "metrics"], text);
        Assert.True(output.ExitCode == 0 && output.StandardError.Trim().Length == 0, $"{output}\n{text}");
        var declared = text.Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2].Replace("_total", "", StringComparison.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
    }
}
