namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>What a stop leaves done, and what it reports as not done.</summary>
public sealed class StoppedRunTests
{
    private readonly JobRig _rig = new();

    [Fact]
    public async Task A_stopped_run_finishes_the_current_item_and_reports_the_others()
    {
        using var stop = new CancellationTokenSource();
        _rig.Secrets.Put("shop/a");
        _rig.Secrets.Put("shop/b");
        _rig.Vault.OnImport = (_, _) => stop.CancelAsync();

        var run = await _rig.RunAsync(stopping: stop.Token);

        Assert.Equal(["create not-in-vault shop/a", "fail stopped shop/b"], run.Lines);
        Assert.StartsWith("stopped before it was done", run.Result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_it_plans_reads_and_writes_nothing()
    {
        using var stop = new CancellationTokenSource();
        _rig.Secrets.Put("shop/a");
        _rig.Vault.OnFindDeleted = stop.Cancel;
        await Assert.ThrowsAsync<OperationCanceledException>(() => _rig.RunAsync(stopping: stop.Token));
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

        var run = await _rig.ExpectAsync(ExitCode.Failed, "create not-in-vault shop/a");

        Assert.Equal("stopped before it was done: 1 create", run.Result.Message);
        Assert.True(_rig.Vault.Has("old"));
    }

    [Fact]
    public async Task An_item_is_cancelled_after_the_grace_period()
    {
        using var stop = new CancellationTokenSource();
        _rig.Secrets.Put("shop/a");
        _rig.Vault.OnImport = async (_, token) =>
        {
            await stop.CancelAsync();
            _rig.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(Timeout.Infinite, token);
        };
        Assert.Equal("fail stopped shop/a", Assert.Single((await _rig.RunAsync(stopping: stop.Token)).Lines));
    }

    [Fact]
    public async Task The_owners_Secret_is_named_first_also_when_the_work_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        await _rig.SyncAsync("shop/web");
        _rig.Secrets.Put("a/x", Pki.Renewed, certificate: "web");
        _rig.Secrets.OnRead = _ =>
        {
            stop.Cancel();
            _rig.Clock.Advance(TimeSpan.FromMinutes(1));
            throw new OperationCanceledException();
        };
        Assert.Equal("fail stopped shop/web,a/x", Assert.Single((await _rig.RunAsync(stopping: stop.Token)).Lines));
    }
}
