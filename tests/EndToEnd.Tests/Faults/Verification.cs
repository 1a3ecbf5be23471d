using ClusterTrust.Sandbox;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>oidc looks at what is published, and writes nothing.</summary>
internal sealed class Verification : Publication
{
    private Verification(Bench bench)
        : base(bench)
    {
    }

    public override int Items => 0;

    public override Task<int> DoneItemsAsync() => Task.FromResult(0);

    protected override string[] Arguments => ["verify", "--kubeconfig", Bench.Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer];

    public static new async Task<Trial> PrepareAsync(Bench bench)
    {
        var trial = new Verification(bench);
        await ResetAsync(bench);
        return trial;
    }
}
