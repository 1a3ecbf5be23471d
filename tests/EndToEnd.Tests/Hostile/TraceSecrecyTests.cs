using System.Text.RegularExpressions;
using ClusterTrust.EndToEnd.Tests.Telemetry;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>
/// Every output of a run at the most verbose level: logs, metrics, traces, Events, errors. None contains a token, a password
/// or a key, not even where a server sends back what it was sent.
/// </summary>
[Trait("ApiServer", "own")]
public sealed partial class TraceSecrecyTests : SandboxTest
{
    protected override bool NeedsProcesses => true;

    private const string GitToken = "an-opaque-token-that-looks-like-nothing";

    private readonly ConcurrentDictionary<string, string> _secrets = new();

    [Fact]
    public async Task No_output_of_a_run_contains_a_credential()
    {
        await using var collector = new Collector(Cluster.Authority);
        await collector.StartAsync();
        Watch();
        Cluster.Https.AddToken(GitToken);
        Cluster.ApiServer.Rbac.Grant(Subject.ServiceAccount(SandboxCluster.Namespace, "certsync"), null, PolicyRule.For("events.k8s.io", "events", "create"));
        foreach (var line in Cluster.Certificates.Issue(new CertificateSpec("shop", "web")).KeyPem.Split('\n').Where(static line => line.Length > 40))
        {
            _secrets[line] = "a private key";
        }

        string[] told = ["--log-level", "Trace", "--verbose", "--metrics-file", Cluster.Folder.Combine("metrics.prom")];
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.LoopbackAddress.AbsoluteUri,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        string[] publish =
        [
            "publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--repository", $"https://github.com/{SandboxCluster.RepositoryName}.git",
            "--token-file", Cluster.Folder.Write("token", GitToken), .. told,
        ];
        string[] sync = ["sync", "--events", .. Cluster.CertSyncArguments(), .. told];
        Check(Expect.Done(await Cluster.RunAsync("oidc", publish, environment)));
        Check(Expect.Done(await Cluster.RunAsync("certsync", sync, environment)));

        // Every server sends back what it was sent.
        foreach (var (server, job) in new (SandboxServer, string)[] { (Cluster.ApiServer, "oidc"), (Cluster.Https, "oidc"), (Cluster.ApiServer, "certsync"), (Cluster.KeyVault, "certsync"), (Cluster.Entra, "certsync") })
        {
            Cluster.ApiServer.Keys.Announce();
            server.Instead = EchoAsync;
            var output = await Cluster.RunAsync(job, job == "oidc" ? publish : sync, environment);
            server.Instead = null;
            Assert.NotEqual(0, output.ExitCode);
            Check(output);
        }

        Check(await File.ReadAllTextAsync(Cluster.Folder.Combine("metrics.prom")));
        Assert.NotEmpty(collector.Bodies);
        Assert.All(collector.Bodies, Check);
        Assert.NotEmpty(Cluster.ApiServer.State.Events);
        Assert.All(Cluster.ApiServer.State.Events, one => Check(one.Body.ToJsonString()));
    }

    /// <summary>Keeps every credential that a server is sent secret.</summary>
    private void Watch()
    {
        foreach (var server in new SandboxServer[] { Cluster.ApiServer, Cluster.KeyVault, Cluster.Https })
        {
            server.OnRequest = context =>
            {
                if (context.Request.Headers.Authorization.ToString().Split(' ', 2) is [_, var credential])
                {
                    _secrets[credential] = $"an Authorization header of {context.Request.Path}";
                }

                return Task.CompletedTask;
            };
        }

        _secrets[GitToken] = "the Git token";
        _secrets[File.ReadAllText(Cluster.FederatedTokenFile)] = "the token for Entra ID";
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

        // Basic authentication is sent back as what it stands for.
        var plain = credential.StartsWith("Basic ", StringComparison.Ordinal) ? Encoding.UTF8.GetString(Convert.FromBase64String(credential[6..])) : "";
        var said = $"not with {credential} {plain} {Uri.UnescapeDataString(body)}".Replace("\"", "'", StringComparison.Ordinal);
        context.Response.StatusCode = 403;
        context.Response.ContentType = plain.Length > 0 ? "text/plain" : "application/json";
        await context.Response.WriteAsync(plain.Length > 0
            ? said
            : $$$"""{"kind":"Status","message":"{{{said}}}","error":{"code":"Forbidden","message":"{{{said}}}"},"error_description":"AADSTS1: {{{said}}}"}""");
        return true;
    }

    private void Check(Output output)
    {
        Check(output.StandardOutput);
        Check(output.StandardError);
    }

    private void Check(string text)
    {
        Assert.DoesNotMatch(Credential(), text);
        foreach (var (secret, what) in _secrets)
        {
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{what} is in: {text[..Math.Min(text.Length, 4000)]}");
        }
    }

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}|PRIVATE KEY|client_assertion=e")]
    private static partial Regex Credential();
}
