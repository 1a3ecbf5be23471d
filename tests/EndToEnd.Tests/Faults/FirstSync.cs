namespace ClusterTrust.EndToEnd.Tests.Faults;

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
