using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Bench;

/// <summary>One sandbox of a certain size, and the runs that are measured in it.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private readonly SandboxCluster _cluster;
    private readonly Launcher _launcher;
    private readonly Scale _scale;

    private BenchCluster(SandboxCluster cluster, Launcher launcher, Scale scale) =>
        (this._cluster, this._launcher, this._scale) = (cluster, launcher, scale);

    /// <summary>Makes history and certificates, and publishes the issuer once.</summary>
    public static async Task<BenchCluster> StartAsync(Launcher launcher, Scale scale)
    {
        var bench = new BenchCluster(await SandboxCluster.StartAsync(), launcher, scale);
        await bench._cluster.Repository.BuildHistoryAsync("main", scale.Commits);
        bench.IssueCertificates();
        var published = await bench._cluster.OidcAsync("publish");
        return published.ExitCode == 0 ? bench : throw new InvalidOperationException($"The first publish failed: {published}");
    }

    /// <summary>oidc's rows: a commit is due because the API server has a new key, and then nothing is.</summary>
    public IEnumerable<Row> OidcRows(int runs)
    {
        var history = string.Create(CultureInfo.InvariantCulture, $"SSH, history of {_scale.Commits:N0}");
        yield return new Row($"oidc publish, a new key, {history}", runs, _ =>
        {
            _cluster.ApiServer.Keys.Rotate();
            _cluster.RenewTokens();
            return RunAsync("oidc", ["publish", .. _cluster.OidcArguments()]);
        });
        yield return new Row($"oidc publish, nothing to do, {history}", runs, _ => RunAsync("oidc", ["publish", .. _cluster.OidcArguments()]));
    }

    /// <summary>certsync's rows: into an empty vault, and into one that has everything.</summary>
    public IEnumerable<Row> CertSyncRows(int runs, int firstRuns)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{_scale.Secrets:N0} Secrets");

        // The first round fills the vault of the steady state; the others get a new one each.
        yield return new Row($"certsync sync, first, {size}", firstRuns, round => RunAsync(
            "certsync", ["sync", .. CertSyncArguments(round == 0 ? _cluster.Vault : _cluster.AddVault($"round-{round}"))]));
        yield return new Row($"certsync sync, steady state, {size}", runs, _ => RunAsync("certsync", ["sync", .. CertSyncArguments(_cluster.Vault)]));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private IEnumerable<string> CertSyncArguments(Vault vault) =>
        _cluster.CertSyncArguments().Select(argument => argument == SandboxCluster.VaultName ? vault.Name : argument);

    private async Task<Cost> RunAsync(string job, string[] arguments)
    {
        var before = Traffic();
        var cost = await _launcher.RunAsync(job, arguments, EnvironmentOfImage());
        return cost with { Traffic = [.. Traffic().Zip(before, static (after, earlier) => after - earlier)] };
    }

    // An image has the system's CA certificates as one file; a desk has hundreds of links to each, and .NET reads them all.
    private Dictionary<string, string> EnvironmentOfImage()
    {
        const string bundle = "/etc/ssl/certs/ca-certificates.crt";
        var folder = Directory.CreateDirectory(_cluster.Folder.Combine("system-certificates")).FullName;
        var copy = Path.Combine(folder, "ca-certificates.crt");
        if (File.Exists(bundle) && !File.Exists(copy))
        {
            File.Copy(bundle, copy);
        }

        return new(_cluster.Environment()) { ["SSL_CERT_DIR"] = folder };
    }

    private Traffic[] Traffic() =>
    [
        Of("API server", _cluster.ApiServer),
        Of("Entra ID", _cluster.Entra),
        Of("Key Vault", _cluster.KeyVault),
        Of("Pages", _cluster.Pages),
        new("Git", _cluster.Ssh.Sessions.Count, _cluster.Ssh.Bytes),
    ];

    private static Traffic Of(string name, SandboxServer server) => new(
        name,
        server.Requests.Count,
        server.Requests.Sum(static request => request.RequestBytes + request.ResponseBytes),
        server.Requests.Count(static request => request.Method == "GET" && request.Path.Contains("/secrets/", StringComparison.Ordinal)));

    private void IssueCertificates()
    {
        for (var i = 0; i < _scale.Secrets; i++)
        {
            var spec = new CertificateSpec(string.Create(CultureInfo.InvariantCulture, $"team-{i % 20:00}"), string.Create(CultureInfo.InvariantCulture, $"web-{i:00000}"));
            _cluster.Certificates.Issue(spec);
        }
    }
}

/// <summary>How much there is.</summary>
internal sealed record Scale(int Commits, int Secrets);
