using ClusterTrust.EndToEnd.Tests.Telemetry;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>
/// Every output of a run at the most verbose level: logs, metrics, traces, Events, errors. None contains a token, a password
/// or a key (<see cref="KnownSecrets"/>), not even where a server sends back what it was sent.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class TraceSecrecyTests : SandboxTest
{
    private const string GitToken = "an-opaque-token-that-looks-like-nothing";

    [Fact]
    public async Task No_output_of_a_run_contains_a_credential()
    {
        await using var collector = new Collector(Cluster.Authority);
        await collector.StartAsync();
        Cluster.Https.AddToken(GitToken);
        Cluster.ApiServer.Rbac.Grant(Subject.ServiceAccount(SandboxCluster.Namespace, "certsync"), null, PolicyRule.For("events.k8s.io", "events", "create"));
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        string[] tracing = ["--log-level", "Trace", "--verbose", "--metrics-file", Cluster.Folder.Combine("metrics.prom")];
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.LoopbackAddress.AbsoluteUri,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        string[] publish =
        [
            "publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--repository", $"https://github.com/{SandboxCluster.RepositoryName}.git",
            "--token-file", Cluster.Folder.Write("token", GitToken), .. tracing,
        ];
        string[] sync = ["sync", "--events", .. Cluster.CertSyncArguments(), .. tracing];
        Cluster.JobsAreProcesses = true;
        Expect.Done(await Cluster.RunAsync("oidc", publish, environment));
        Expect.Done(await Cluster.RunAsync("certsync", sync, environment));

        // Every server sends back what it was sent. In this process: what else it exports meanwhile holds no credential either.
        Cluster.JobsAreProcesses = false;
        foreach (var (server, job) in new (SandboxServer, string)[] { (Cluster.ApiServer, "oidc"), (Cluster.Https, "oidc"), (Cluster.ApiServer, "certsync"), (Cluster.KeyVault, "certsync"), (Cluster.Entra, "certsync") })
        {
            Cluster.ApiServer.Keys.Announce();
            server.Instead = EchoAsync;
            var output = await Cluster.RunAsync(job, job == "oidc" ? publish : sync, environment);
            server.Instead = null;
            Assert.NotEqual(0, output.ExitCode);
        }

        // What a run writes to its own outputs is checked wherever one ends.
        KnownSecrets.ThrowIfIn(await File.ReadAllTextAsync(Cluster.Folder.Combine("metrics.prom")), "The metrics file");
        Assert.NotEmpty(collector.Bodies);
        Assert.All(collector.Bodies, static body => KnownSecrets.ThrowIfIn(body, "A request to the receiver"));
        Assert.NotEmpty(Cluster.ApiServer.State.Events);
        Assert.All(Cluster.ApiServer.State.Events, static one => KnownSecrets.ThrowIfIn(one.Body.ToJsonString(), "An Event"));
    }

    private static async Task<bool> EchoAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var credential = context.Request.Headers.Authorization.ToString();
        if (credential.Length == 0 && body.Length == 0)
        {
            return false;
        }

        // Basic authentication is sent back decoded.
        var plain = credential.StartsWith("Basic ", StringComparison.Ordinal) ? Encoding.UTF8.GetString(Convert.FromBase64String(credential[6..])) : "";
        var message = $"not with {credential} {plain} {Uri.UnescapeDataString(body)}".Replace("\"", "'", StringComparison.Ordinal);
        context.Response.StatusCode = 403;
        context.Response.ContentType = plain.Length > 0 ? "text/plain" : "application/json";
        await context.Response.WriteAsync(plain.Length > 0
            ? message
            : $$$"""{"kind":"Status","message":"{{{message}}}","error":{"code":"Forbidden","message":"{{{message}}}"},"error_description":"AADSTS1: {{{message}}}"}""");
        return true;
    }
}
