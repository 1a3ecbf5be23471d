namespace ClusterTrust.CertSync.Tests.Job;

public sealed class StoppedRunTests
{
    private readonly JobRig _rig = new();

    [Fact]
    public async Task A_stopped_run_finishes_the_current_item_and_reports_the_others()
    {
        _rig.Secrets.PutEach("shop/a", "shop/b");
        _rig.Vault.OnImport = (_, _) => _rig.Stop.CancelAsync();
        var run = await _rig.ExpectAsync(ExitCode.Failed, "create not-in-vault shop/a", "fail stopped shop/b");
        Assert.StartsWith("stopped before it was done", run.Result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_it_plans_reads_and_writes_nothing()
    {
        _rig.Secrets.Put("shop/a");
        _rig.Vault.OnFindDeleted = _rig.Stop.Cancel;
        await Assert.ThrowsAsync<OperationCanceledException>(() => _rig.RunAsync());
        Assert.Empty(_rig.Secrets.Reads);
        Assert.Empty(_rig.Vault.Writes);
    }

    /// <summary>Nothing is left that would fail: only the pruning was not begun.</summary>
    [Fact]
    public async Task A_run_that_loses_its_Lease_before_it_prunes_has_failed()
    {
        await _rig.GoneAsync("shop/old");
        _rig.Secrets.Put("shop/a");
        _rig.Vault.OnImport = (_, _) => _rig.LeaseLost.CancelAsync();
        Assert.Equal("stopped before it was done: 1 create", (await _rig.ExpectAsync(ExitCode.Failed, "create not-in-vault shop/a")).Result.Message);
        Assert.True(_rig.Vault.Has("old"));
    }

    [Fact]
    public async Task An_item_is_cancelled_after_the_grace_period()
    {
        _rig.Secrets.Put("shop/a");
        _rig.Vault.OnImport = async (_, token) =>
        {
            await _rig.Stop.CancelAsync();
            _rig.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(Timeout.Infinite, token);
        };
        await _rig.ExpectAsync(ExitCode.Failed, "fail stopped shop/a");
    }

    [Fact]
    public async Task The_owners_Secret_is_named_first_also_when_the_work_is_stopped()
    {
        await _rig.SyncAsync("shop/web");
        _rig.Secrets.Put("a/x", Pki.Renewed, certificate: "web");
        _rig.Secrets.OnRead = _ =>
        {
            _rig.Stop.Cancel();
            _rig.Clock.Advance(TimeSpan.FromMinutes(1));
            throw new OperationCanceledException();
        };
        await _rig.ExpectAsync(ExitCode.Failed, "fail stopped shop/web,a/x");
    }
}
