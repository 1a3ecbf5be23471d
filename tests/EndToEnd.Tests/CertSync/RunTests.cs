using System.Globalization;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>How a run behaves: beside other runs, in parts, under throttling, when it is stopped, and what it prints.</summary>
public sealed class RunTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task A_lease_that_another_run_holds_ends_the_run_with_its_holders_name_and_exit_code_0()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        PutLease(scenario, "other-pod-1", DateTimeOffset.UtcNow);

        var run = await scenario.SyncAsync();

        Assert.True(run.Output.ExitCode == 0, run.Output.ToString());
        Assert.Contains("other-pod-1", run.Output.StandardError, StringComparison.Ordinal);
        Assert.Empty(scenario.Vault.Certificates);
        Assert.Empty(scenario.VaultRequests);
    }

    [Fact]
    public async Task An_expired_lease_is_taken_over_and_given_back_at_the_end()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        PutLease(scenario, "dead-pod", DateTimeOffset.UtcNow.AddMinutes(-20));

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public async Task Throttling_is_waited_out_with_or_without_Retry_After(int? retryAfter)
    {
        var scenario = fixture.New();
        foreach (var number in Enumerable.Range(0, 10))
        {
            scenario.Issue($"web-{number}", static spec => spec with { Ec = true });
        }

        scenario.Sandbox.KeyVault.Faults.Next(Fault.TooManyRequests(retryAfter), 6, static request => request.Path.Value!.EndsWith("/import", StringComparison.Ordinal));

        var run = await scenario.SyncAsync();

        Assert.True(run.Output.ExitCode == 0, run.Output.ToString());
        Assert.Equal(10, run.Summary["create"]);
        Assert.All(scenario.Vault.Certificates, static certificate => Assert.Single(certificate.Versions));
        Assert.Equal(6, scenario.Sandbox.KeyVault.Requests.Count(static request => request.Status == 429));
    }

    [Fact]
    public async Task Sigterm_ends_a_run_after_the_items_in_hand_and_the_next_run_does_the_rest()
    {
        var scenario = fixture.New();
        foreach (var number in Enumerable.Range(0, 12))
        {
            scenario.Issue($"web-{number:00}", static spec => spec with { Ec = true });
        }

        // After the first two imports the vault answers none until the signal is sent, so that it always comes in the middle.
        var imports = 0;
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scenario.Sandbox.KeyVault.OnRequest = context => context.Request.Path.Value!.EndsWith("/import", StringComparison.Ordinal) && Interlocked.Increment(ref imports) > 2
            ? sent.Task.WaitAsync(context.RequestAborted)
            : Task.CompletedTask;
        await using var job = scenario.Job();
        var process = job.Start(["sync", .. scenario.Arguments("--namespace", scenario.Namespace, "--parallel", "2")]);
        await process.WaitForOutputAsync("create web-", TimeSpan.FromMinutes(10));
        process.Signal(UnixSignal.Terminate);
        // The process needs a moment to receive it.
        await Task.Delay(TimeSpan.FromSeconds(5));
        sent.SetResult();
        var stopped = new SyncRun(await process.WaitAsync());
        scenario.Sandbox.KeyVault.OnRequest = null;

        Assert.True(stopped.Output.ExitCode == 143, stopped.Output.ToString());
        Assert.True(stopped.IsStopped);
        Assert.Equal(scenario.Vault.Certificates.Count, stopped.Summary["create"]);
        Assert.Equal(12 - stopped.Summary["create"], stopped.Lines.Count(static line => line.Reason == "stopped"));
        Assert.InRange(stopped.Summary["create"], 1, 11);

        var next = await scenario.SyncAsync();
        Assert.True(next.Output.ExitCode == 0, next.Output.ToString());
        Assert.Equal(stopped.Summary["create"], next.Summary["unchanged"]);
        Assert.All(scenario.Vault.Certificates, static certificate => Assert.Single(certificate.Versions));
        Assert.Equal(12, scenario.Vault.Certificates.Count);
    }

    [Fact]
    public async Task Shards_together_do_what_one_run_does_and_an_indexed_Jobs_number_chooses_one()
    {
        var scenario = fixture.New();
        foreach (var number in Enumerable.Range(0, 9))
        {
            scenario.Issue($"web-{number}", static spec => spec with { Ec = true });
        }

        var whole = (await scenario.PlanAsync()).Lines.Select(static line => line.Name);
        var first = await scenario.SyncAsync("--shard", "0/3");
        var second = await scenario.SyncAsync("--shard", "1/3");
        scenario.Environment["JOB_COMPLETION_INDEX"] = "2";
        var third = await scenario.SyncAsync("--shard", "3");

        Assert.All([first, second, third], static run => Assert.True(run.Output.ExitCode == 0, run.Output.ToString()));
        Assert.Equal(whole, first.Lines.Concat(second.Lines).Concat(third.Lines).Select(static line => line.Name).Order(StringComparer.Ordinal));
        Assert.All(scenario.Vault.Certificates, static certificate => Assert.Single(certificate.Versions));
        Assert.Equal(9, (await scenario.SyncAsync()).Summary["unchanged"]);
    }

    [Fact]
    public async Task A_plan_says_what_sync_then_does_and_its_table_has_a_line_for_each()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        scenario.Sandbox.Certificates.Pending(new CertificateSpec(scenario.Namespace, "pending"));
        scenario.Sandbox.Certificates.Mismatched(new CertificateSpec(scenario.Namespace, "mismatch"));

        var planned = await scenario.PlanAsync();
        var table = await scenario.PlanAsync("--output", "table");
        Assert.Empty(scenario.Vault.Certificates);
        Assert.DoesNotContain(
            scenario.Sandbox.Kubernetes.List(ResourceType.Leases, scenario.Sandbox.JobsNamespace), lease => lease["metadata"]!["name"]!.GetValue<string>() == scenario.Lease);
        var synced = await scenario.SyncAsync();

        Assert.Equal(planned.Lines, synced.Lines);
        Assert.Equal(planned.Output.ExitCode, synced.Output.ExitCode);
        Assert.StartsWith("SECRET", table.Output.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"{scenario.Namespace}/web-tls", table.Output.StandardOutput, StringComparison.Ordinal);
        var expires = scenario.Vault.Find("web")!.Latest.Certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Contains(expires, table.Output.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_shows_how_far_the_run_is_and_the_line_is_gone_at_the_end()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        await using var script = new BinaryRunner("script");
        foreach (var (name, value) in scenario.Sandbox.Environment())
        {
            script.Environment[name] = value;
        }

        script.Environment["TERM"] = "xterm";
        var command = string.Join(' ', [Binaries.Find("certsync"), "sync", .. scenario.Arguments("--namespace", scenario.Namespace), "2>&1"]);
        var output = await script.RunAsync("-qec", command, "/dev/null");

        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Contains("\r\e[K0 of 1 certificates", output.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[K", (await scenario.SyncAsync()).Output.StandardError, StringComparison.Ordinal);
    }

    private static void PutLease(Scenario scenario, string holder, DateTimeOffset renewed)
    {
        var time = renewed.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        scenario.Sandbox.Kubernetes.Put(ResourceType.Leases, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = scenario.Lease, ["namespace"] = scenario.Sandbox.JobsNamespace },
            ["spec"] = new JsonObject { ["holderIdentity"] = holder, ["leaseDurationSeconds"] = 60, ["acquireTime"] = time, ["renewTime"] = time },
        });
    }
}
