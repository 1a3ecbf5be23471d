using System.Text.Json;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary><c>certsync verify</c> from the Secret to the endpoint: the same certificate at both ends.</summary>
public sealed class VerifyTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task An_endpoint_serves_the_vaults_certificate_until_a_renewal_and_the_annotation_reaches_nothing_inside()
    {
        var scenario = fixture.New();
        var spec = new CertificateSpec(scenario.Namespace, "web") { DnsNames = ["localhost"], Intermediates = 1 };
        var first = scenario.Sandbox.Certificates.Issue(spec);
        scenario.Sandbox.Certificates.Issue(new CertificateSpec(scenario.Namespace, "inner")
        {
            DnsNames = ["localhost"],
            Annotations = new Dictionary<string, string> { ["certsync.clustertrust.dev/endpoints"] = "localhost:6443" },
        });
        (await scenario.SyncAsync()).Expect(0, "create not-in-vault", "create not-in-vault");
        await using var server = new TlsServer().Serve("localhost", first.ChainPem, first.KeyPem);
        scenario.Forget();

        var served = await VerifyAsync(scenario, 3, "--endpoint", $"localhost:{server.Port}=web");
        Assert.Equal(["refused localhost:6443", $"served localhost:{server.Port}"], served);
        Assert.All(scenario.SecretRequests, static request => Assert.EndsWith("/secrets", request, StringComparison.Ordinal));
        Assert.All(scenario.VaultRequests, static request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));

        scenario.Sandbox.Certificates.Issue(spec);
        Assert.Equal(0, (await scenario.SyncAsync()).Output.ExitCode);
        Assert.Contains($"propagating localhost:{server.Port}", await VerifyAsync(scenario, 3, "--endpoint", $"localhost:{server.Port}=web"));
        Assert.Contains($"outdated localhost:{server.Port}", await VerifyAsync(scenario, 3, "--endpoint", $"localhost:{server.Port}=web", "--propagation", "0"));

        var alone = await RunAsync(scenario, "--namespace", scenario.Namespace, "--certificate", "web", "--endpoint", $"localhost:{server.Port}=web", "--output", "table");
        Assert.True(alone.ExitCode == 0, alone.ToString());
        Assert.StartsWith("ENDPOINT", alone.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("propagating", alone.StandardOutput, StringComparison.Ordinal);
    }

    private static async Task<string[]> VerifyAsync(Scenario scenario, int exitCode, params string[] more)
    {
        var run = await RunAsync(scenario, ["--namespace", scenario.Namespace, .. more]);
        Assert.True(run.ExitCode == exitCode, run.ToString());
        using var report = JsonDocument.Parse(run.StandardOutput);
        return [.. report.RootElement.GetProperty("endpoints").EnumerateArray().Select(static line => $"{line.GetProperty("state")} {line.GetProperty("endpoint")}")];
    }

    private static async Task<Output> RunAsync(Scenario scenario, params string[] more)
    {
        // Nothing is written, so there is no Lease.
        var arguments = scenario.Arguments(more);
        var lease = Array.IndexOf(arguments, "--lease");
        await using var job = scenario.Job();
        return await job.RunAsync(["verify", .. arguments[..lease], .. arguments[(lease + 2)..]], timeout: TimeSpan.FromMinutes(10));
    }
}
