namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Work for certsync, in a namespace, a vault and with a lease of its own.</summary>
internal sealed class SyncTrial : Trial
{
    private readonly Dictionary<string, Issuance> _wanted = new(StringComparer.Ordinal);

    // Of the namespace, the vault and the lease.
    private readonly string _name;
    private readonly Vault _vault;

    // How many versions each certificate had when the trial began.
    private int _versionsBefore;
    private bool _isVerification;

    private SyncTrial(Bench bench, params string[] certificates)
        : base(bench, "certsync")
    {
        _name = bench.NextName("trial");
        _vault = bench.Cluster.AddVault(_name);
        bench.Cluster.ApiServer.State.AddNamespace(_name);
        foreach (var certificate in certificates)
        {
            Issue(certificate);
        }
    }

    public override int Items => _isVerification ? 0 : _wanted.Count;

    protected override string[] Arguments =>
    [
        _isVerification ? "verify" : "sync", "--kubeconfig", Bench.Cluster.Kubeconfig("certsync"), "--vault", _name, "--cluster", "blue", "--namespace", _name, "--output", "json",
        .. _isVerification ? (string[])["--endpoint", $"localhost:{Bench.Endpoint.Port}=web"] : ["--lease", _name],
    ];

    /// <summary>A first run: three certificates, an empty vault.</summary>
    public static SyncTrial First(Bench bench) => new(bench, "api", "shop", "web");

    /// <summary>A later run: one certificate is unchanged, one renewed, one renewed and deleted in the vault.</summary>
    public static async Task<SyncTrial> UpdateAsync(Bench bench)
    {
        var trial = new SyncTrial(bench, "kept", "renewed", "deleted");
        await trial.SyncAsync();
        trial._vault.Delete("deleted");
        var later = DateTimeOffset.UtcNow.AddSeconds(-5);
        trial.Issue("renewed", later);
        trial.Issue("deleted", later);
        return trial;
    }

    /// <summary><c>verify</c> of an endpoint that serves what a sync has imported: there is nothing to do, and nothing may be written.</summary>
    public static async Task<SyncTrial> VerificationAsync(Bench bench)
    {
        var trial = new SyncTrial(bench, "web");
        await trial.SyncAsync();
        bench.Endpoint.Serve("localhost", trial._wanted["web"].ChainPem, trial._wanted["web"].KeyPem);
        trial._isVerification = true;

        // No connection of the sync is left for the verification, which may run in the same process.
        await bench.Cluster.KeyVault.StopAsync();
        await bench.Cluster.KeyVault.StartAsync();
        return trial;
    }

    public override Task<int> DoneItemsAsync()
    {
        var done = 0;
        foreach (var (item, issuance) in _wanted)
        {
            var stored = _vault.Find(item);
            var versions = stored?.Versions.Count ?? 0;
            if (versions == _versionsBefore + 1 || (_versionsBefore > 0 && versions == _versionsBefore && stored!.Latest.Thumbprint.Equals(issuance.Thumbprint, StringComparison.OrdinalIgnoreCase)))
            {
                Assert.Null(stored!.DeletedAt);
                Assert.Equal(issuance.Thumbprint, stored.Latest.Thumbprint, ignoreCase: true);
                Assert.Contains("source-version", stored.Latest.Tags.Keys);
                done++;
            }
            else
            {
                Assert.True(versions == _versionsBefore, string.Create(CultureInfo.InvariantCulture, $"{item} has {versions} versions, had {_versionsBefore}."));
            }
        }

        Assert.All(_vault.Certificates, certificate => Assert.Contains(certificate.Name, _wanted.Keys));
        Assert.True(!_isVerification || done == _wanted.Count, "A verification changed the vault.");
        return Task.FromResult(_isVerification ? 0 : done);
    }

    public override void LetLeaseExpire()
    {
        if (Bench.Cluster.ApiServer.State.Leases.Any(lease => lease.Name == _name))
        {
            var past = DateTimeOffset.UtcNow.AddHours(-1).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
            Bench.Cluster.ApiServer.State.Put(ResourceType.Leases, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = _name, ["namespace"] = SandboxCluster.Namespace },
                ["spec"] = new JsonObject { ["holderIdentity"] = "killed", ["leaseDurationSeconds"] = 15, ["acquireTime"] = past, ["renewTime"] = past },
            });
        }
    }

    private void Issue(string certificate, DateTimeOffset? notBefore = null) =>
        _wanted[certificate] = Bench.Cluster.Certificates.Issue(new CertificateSpec(_name, certificate) { Ec = true }, notBefore);

    private async Task SyncAsync()
    {
        await CompleteAsync();
        _versionsBefore = 1;
    }
}
