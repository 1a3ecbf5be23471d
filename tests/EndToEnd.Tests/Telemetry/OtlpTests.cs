using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Telemetry;

namespace ClusterTrust.EndToEnd.Tests.Telemetry;

/// <summary>Metrics and traces, received over OTLP and decoded by OpenTelemetry's own definitions.</summary>
[Trait("ApiServer", "own")]
public sealed class OtlpTests : TelemetryTest
{
    private OtlpReceiver receiver = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        receiver = await OtlpReceiver.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await receiver.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Every_metric_and_the_spans_of_a_run_arrive_over_gRPC_and_over_HTTP()
    {
        var started = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await DoneAsync("oidc", [], ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Grpc.AbsoluteUri), ("OTEL_RESOURCE_ATTRIBUTES", "cluster=blue"));
        await DoneAsync("certsync", [], ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Http.AbsoluteUri), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));

        Assert.All(receiver.Requests("Metrics").Concat(receiver.Requests("Trace")), static request => Assert.Contains(request["protocol"]!.GetValue<string>(), new[] { "grpc", "http" }));
        var ofOidc = PointsOf("oidc");
        Assert.Equal([.. OfEveryRun, .. OfOidc], NamesOf(ofOidc));
        Assert.All(ofOidc, static point => Assert.Equal(("clustertrust", "blue"), (point.Resource["service.namespace"], point.Resource["cluster"])));
        Assert.Equal(1, ValueOf(ofOidc, "oidc_public_url_serves_published", ("issuer", SandboxCluster.Issuer)));
        Assert.Equal(1, ValueOf(ofOidc, "oidc_keys", ("issuer", SandboxCluster.Issuer), ("state", "added")));
        Assert.True(ValueOf(ofOidc, "clustertrust_http_requests", ("server", "example.github.io"), ("status", "200")) >= 2);

        var ofCertSync = PointsOf("certsync");
        Assert.Equal([.. OfCertSync[..2], OfEveryRun[0], OfEveryRun[1], OfCertSync[2], OfEveryRun[2]], NamesOf(ofCertSync));
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
    }

    [Fact]
    [Trait("Duration", "long")]
    public async Task A_failed_run_says_so_and_sets_no_success()
    {
        Cluster.Certificates.Mismatched(new("shop", "legacy"));
        await DoneAsync("oidc", []);

        var output = await RunAsync("certsync", [], ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Grpc.AbsoluteUri));

        Assert.True(output.ExitCode == 3, output.ToString());
        Assert.DoesNotContain(receiver.Points(), static point => point.Name == "clustertrust_last_success_timestamp_seconds");
        Assert.Equal("3", Assert.Single(receiver.Points(), static point => point.Name == "clustertrust_run_duration_seconds").Attributes["exit_code"]);
        Assert.Equal(1, ValueOf(PointsOf("certsync"), "certsync_items", ("action", "refuse"), ("reason", "invalid-certificate")));
        Assert.Equal("STATUS_CODE_ERROR", Assert.Single(receiver.Spans(), static span => span.Name == "certsync sync").Status);
        Assert.All(receiver.Requests("Trace").Concat(receiver.Requests("Metrics")), static request => KnownSecrets.ThrowIfIn(request.ToJsonString(), "A request to the receiver"));
    }

    [Fact]
    [Trait("Duration", "long")]
    public async Task A_receiver_that_is_away_fails_nothing()
    {
        await receiver.DisposeAsync();
        await DoneAsync("oidc", [], ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Grpc.AbsoluteUri));
    }

    private static string[] NamesOf(IEnumerable<OtlpPoint> points) => [.. points
        .Select(static point => point.Name)
        .Where(static name => !name.StartsWith("http.", StringComparison.Ordinal) && !name.StartsWith("dns.", StringComparison.Ordinal))
        .Distinct().Order(StringComparer.Ordinal)];

    private static double ValueOf(IEnumerable<OtlpPoint> points, string name, params (string Name, string Value)[] attributes) => Assert.Single(
        points, point => point.Name == name && attributes.All(one => point.Attributes.GetValueOrDefault(one.Name) == one.Value)).Value;

    private OtlpPoint[] PointsOf(string job) => [.. receiver.Points().Where(point => point.Resource["service.name"] == job)];
}
