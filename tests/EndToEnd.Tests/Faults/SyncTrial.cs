using System.Globalization;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Work for certsync, in a namespace, a vault and with a lease of its own.</summary>
internal abstract class SyncTrial : Trial
{
    private readonly Dictionary<string, Issuance> wanted = new(StringComparer.Ordinal);

    protected SyncTrial(Bench bench)
        : base(bench)
    {
        Name = bench.NextName("trial");
        Vault = bench.Cluster.AddVault(Name);
        bench.Cluster.ApiServer.State.AddNamespace(Name);
    }

    public override int Items => wanted.Count;

    public Vault Vault { get; }

    /// <summary>The name of the namespace, the vault and the lease.</summary>
    protected string Name { get; }

    protected override string Binary => "certsync";

    protected override string[] Arguments =>
    [
        "sync", "--kubeconfig", Bench.Cluster.Kubeconfig("certsync"), "--vault", Name, "--cluster", "blue", "--lease", Name, "--namespace", Name, "--output", "json",
    ];

    /// <inheritdoc/>
    public override Task<int> DoneItemsAsync()
    {
        var done = 0;
        foreach (var (item, issuance) in wanted)
        {
            var stored = Vault.Find(item);
            var (versions, before) = (stored?.Versions.Count ?? 0, VersionsBefore(item));
            if (versions == before + 1 || (before > 0 && versions == before && stored!.Latest.Thumbprint.Equals(issuance.Thumbprint, StringComparison.OrdinalIgnoreCase)))
            {
                Assert.Null(stored!.DeletedAt);
                Assert.Equal(issuance.Thumbprint, stored.Latest.Thumbprint, ignoreCase: true);
                Assert.Contains("source-version", stored.Latest.Tags.Keys);
                done++;
            }
            else
            {
                Assert.True(versions == before, string.Create(CultureInfo.InvariantCulture, $"{item} has {versions} versions, had {before}."));
            }
        }

        Assert.All(Vault.Certificates, certificate => Assert.Contains(certificate.Name, wanted.Keys));
        return Task.FromResult(done);
    }

    /// <inheritdoc/>
    public override void LetLeaseExpire()
    {
        if (Bench.Cluster.ApiServer.State.Leases.FirstOrDefault(lease => lease.Name == Name) is not null)
        {
            var past = DateTimeOffset.UtcNow.AddHours(-1).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
            Bench.Cluster.ApiServer.State.Put(ResourceType.Leases, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = SandboxCluster.Namespace },
                ["spec"] = new JsonObject { ["holderIdentity"] = "killed", ["leaseDurationSeconds"] = 15, ["acquireTime"] = past, ["renewTime"] = past },
            });
        }
    }

    /// <summary>How many versions a certificate had when the trial began.</summary>
    protected abstract int VersionsBefore(string name);

    /// <summary>Issues a certificate, or renews it.</summary>
    protected Issuance Issue(string certificate, DateTimeOffset? notBefore = null) =>
        wanted[certificate] = Bench.Cluster.Certificates.Issue(new CertificateSpec(Name, certificate) { Ec = true }, notBefore);
}

/// <summary>certsync's first run: three certificates, an empty vault.</summary>
internal sealed class FirstSync : SyncTrial
{
    private FirstSync(Bench bench)
        : base(bench)
    {
    }

    public static FirstSync Prepare(Bench bench)
    {
        var trial = new FirstSync(bench);
        foreach (var name in new[] { "api", "shop", "web" })
        {
            trial.Issue(name);
        }

        return trial;
    }

    protected override int VersionsBefore(string name) => 0;
}

/// <summary>A later run of certsync: one certificate as it was, one renewed, one renewed that somebody deleted in the vault.</summary>
internal sealed class UpdateSync : SyncTrial
{
    private UpdateSync(Bench bench)
        : base(bench)
    {
    }

    public static async Task<UpdateSync> PrepareAsync(Bench bench)
    {
        var trial = new UpdateSync(bench);
        foreach (var name in new[] { "kept", "renewed", "deleted" })
        {
            trial.Issue(name);
        }

        var first = await trial.RunAsync();
        Assert.True(first.ExitCode == 0, first.ToString());
        trial.Vault.Delete("deleted");
        var later = DateTimeOffset.UtcNow.AddSeconds(-5);
        trial.Issue("renewed", later);
        trial.Issue("deleted", later);
        return trial;
    }

    protected override int VersionsBefore(string name) => 1;
}

/// <summary><c>certsync verify</c> of an endpoint that serves what a sync has imported: there is nothing to do, and nothing may be written.</summary>
internal sealed class ServingVerification : SyncTrial
{
    private bool isReady;

    private ServingVerification(Bench bench)
        : base(bench)
    {
    }

    public override int Items => 0;

    protected override string[] Arguments => isReady
        ?
        [
            "verify", "--kubeconfig", Bench.Cluster.Kubeconfig("certsync"), "--vault", Name, "--cluster", "blue", "--namespace", Name,
            "--endpoint", $"localhost:{Bench.Endpoint.Port}=web", "--output", "json",
        ]
        : base.Arguments;

    public static async Task<ServingVerification> PrepareAsync(Bench bench)
    {
        var trial = new ServingVerification(bench);
        var issued = trial.Issue("web");
        var first = await trial.RunAsync();
        Assert.True(first.ExitCode == 0, first.ToString());
        bench.Endpoint.Serve("localhost", issued.ChainPem, issued.KeyPem);
        trial.isReady = true;

        // No connection of the sync is left for the verification, which may run in the same process.
        await bench.Cluster.KeyVault.StopAsync();
        await bench.Cluster.KeyVault.StartAsync();
        return trial;
    }

    /// <inheritdoc/>
    public override async Task<int> DoneItemsAsync()
    {
        Assert.Equal(1, await base.DoneItemsAsync());
        return 0;
    }

    protected override int VersionsBefore(string name) => 1;
}
