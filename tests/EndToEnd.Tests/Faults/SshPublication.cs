using ClusterTrust.Sandbox;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>oidc publishes a rotation over SSH.</summary>
internal sealed class SshPublication : Publication
{
    private SshPublication(Bench bench)
        : base(bench)
    {
    }

    protected override string[] Arguments => ["publish", .. Bench.Cluster.OidcArguments()];

    /// <summary>The server's processes die with the connection, and may leave objects behind that nothing leads to.</summary>
    protected override async Task<string> FsckAsync()
    {
        await Bench.Cluster.Ssh.IdleAsync();
        return await Bench.Cluster.Repository.FsckAsync(reachableOnly: true);
    }

    public static new async Task<Trial> PrepareAsync(Bench bench)
    {
        await ResetAsync(bench);
        return new SshPublication(bench);
    }
}
