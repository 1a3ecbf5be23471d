namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>oidc publishes a rotation over SSH.</summary>
internal sealed class SshPublication : Publication
{
    private SshPublication(Bench bench)
        : base(bench)
    {
    }

    protected override string[] Arguments => ["publish", .. Bench.Cluster.OidcArguments()];

    public static new async Task<Trial> PrepareAsync(Bench bench)
    {
        await ResetAsync(bench);
        return new SshPublication(bench);
    }
}
