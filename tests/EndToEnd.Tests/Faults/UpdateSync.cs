namespace ClusterTrust.EndToEnd.Tests.Faults;

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
