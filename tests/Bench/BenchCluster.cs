using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Bench;

/// <summary>How much there is.</summary>
internal sealed record Scale(int Commits, int Secrets);

/// <summary>One sandbox of a certain size, and the runs that are measured in it.</summary>
internal sealed class BenchCluster(SandboxCluster cluster, string measure, Scale scale) : IAsyncDisposable
{
    /// <summary>Makes history and certificates, and publishes the issuer once.</summary>
    public static async Task<BenchCluster> StartAsync(string measure, Scale scale)
    {
        var cluster = await SandboxCluster.StartAsync();
        await cluster.Repository.BuildHistoryAsync("main", scale.Commits);
        for (var i = 0; i < scale.Secrets; i++)
        {
            cluster.Certificates.Issue(new CertificateSpec($"team-{i % 20:00}", $"web-{i:00000}"));
        }

        (await cluster.OidcAsync("publish")).OrThrow();
        return new BenchCluster(cluster, measure, scale);
    }

    /// <summary>oidc's rows: a commit is due because the API server has a new key, and then nothing is.</summary>
    public IEnumerable<Row> OidcRows(int runs)
    {
        var history = string.Create(CultureInfo.InvariantCulture, $"SSH, history of {scale.Commits:N0}");
        yield return new Row($"oidc publish, a new key, {history}", runs, _ =>
        {
            cluster.ApiServer.Keys.Rotate();
            cluster.RenewTokens();
            return RunAsync("oidc", ["publish", .. cluster.OidcArguments()]);
        });
        yield return new Row($"oidc publish, nothing to do, {history}", runs, _ => RunAsync("oidc", ["publish", .. cluster.OidcArguments()]));
    }

    /// <summary>certsync's rows: into an empty vault, and into one that has everything.</summary>
    public IEnumerable<Row> CertSyncRows(int runs, int firstRuns)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{scale.Secrets:N0} Secrets");

        // The first round fills the vault of the steady state; the others get a new one each.
        yield return new Row($"certsync sync, first, {size}", firstRuns, round => RunAsync(
            "certsync", ["sync", .. CertSyncArguments(round == 0 ? cluster.Vault : cluster.AddVault($"round-{round}"))]));
        yield return new Row($"certsync sync, steady state, {size}", runs, _ => RunAsync("certsync", ["sync", .. CertSyncArguments(cluster.Vault)]));
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private IEnumerable<string> CertSyncArguments(Vault vault) =>
        cluster.CertSyncArguments().Select(argument => argument == SandboxCluster.VaultName ? vault.Name : argument);

    private async Task<Cost> RunAsync(string job, string[] arguments)
    {
        var before = Traffic();
        var cost = await Cost.OfAsync(measure, job, arguments, EnvironmentOfImage());
        return cost with { Traffic = [.. Traffic().Zip(before, static (after, earlier) => after - earlier)] };
    }

    // An image has the system's CA certificates as one file; a desk has hundreds of links to each, and .NET reads them all.
    private Dictionary<string, string> EnvironmentOfImage()
    {
        const string bundle = "/etc/ssl/certs/ca-certificates.crt";
        var folder = Directory.CreateDirectory(cluster.Folder.Combine("system-certificates")).FullName;
        if (File.Exists(bundle))
        {
            File.Copy(bundle, Path.Combine(folder, "ca-certificates.crt"), overwrite: true);
        }

        return new(cluster.Environment()) { ["SSL_CERT_DIR"] = folder };
    }

    private Traffic[] Traffic() =>
    [
        Of("API server", cluster.ApiServer),
        Of("Entra ID", cluster.Entra),
        Of("Key Vault", cluster.KeyVault),
        Of("Pages", cluster.Pages),
        new("Git", cluster.Ssh.Sessions.Count, cluster.Ssh.Bytes),
    ];

    private static Traffic Of(string name, SandboxServer server) => new(
        name,
        server.Requests.Count,
        server.Requests.Sum(static request => request.RequestBytes + request.ResponseBytes),
        server.Requests.Count(static request => request.Method == "GET" && request.Path.Contains("/secrets/", StringComparison.Ordinal)));
}
