using System.Globalization;
using ClusterTrust.EndToEnd.Tests.CertSync;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Soaking;

namespace ClusterTrust.EndToEnd.Tests.Load;

/// <summary>The pods of an Indexed Job side by side on one vault that throttles. With <c>SOAK=1</c> at the documented limits of the real one.</summary>
public sealed class ShardTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    private const int Shards = 8;

    [Fact]
    public async Task Eight_shards_fill_one_vault_in_spite_of_its_throttling_and_find_nothing_to_do_afterwards()
    {
        var count = Soak.Times(96, 3000);
        var scenario = fixture.New(static options => options with { Throttle = Soak.IsOn ? ThrottleLimits.Documented : new ThrottleLimits(Imports: 48, Others: 60) });
        var issued = Enumerable.Range(0, count)
            .Select(static number => string.Create(CultureInfo.InvariantCulture, $"web-{number:0000}"))
            .ToDictionary(static name => name, name => scenario.Issue(name, static spec => spec with { Ec = true }));

        var first = await RunAsync(scenario);

        Assert.Contains(scenario.Sandbox.KeyVault.Requests, static request => request.Status == 429);
        Assert.All(first, static run => Assert.True(run.Output.ExitCode == 0, run.Output.ToString()));
        Assert.Equal(count, first.Sum(static run => run.Summary.GetValueOrDefault("create")));
        AssertEqual(scenario, issued);

        scenario.Forget();
        var second = await RunAsync(scenario);

        Assert.All(second, static run => Assert.True(run.Output.ExitCode == 0, run.Output.ToString()));
        Assert.Equal(count, second.Sum(static run => run.Summary.GetValueOrDefault("unchanged")));
        Assert.DoesNotContain(scenario.SecretRequests, static request => request.Contains("/secrets/", StringComparison.Ordinal));
        Assert.DoesNotContain(scenario.VaultRequests, static request => request.StartsWith("POST", StringComparison.Ordinal));
        Tally.Add("shards side by side", Shards);
    }

    /// <summary>Every certificate is there, once.</summary>
    private static void AssertEqual(Scenario scenario, Dictionary<string, Issuance> issued)
    {
        Assert.Equal(issued.Keys.Order(StringComparer.Ordinal), scenario.Vault.Certificates.Select(static certificate => certificate.Name).Order(StringComparer.Ordinal));
        foreach (var (name, issuance) in issued)
        {
            scenario.AssertHas(name, issuance);
            Assert.Equal(1, scenario.VersionsOf(name));
        }
    }

    private static Task<SyncRun[]> RunAsync(Scenario scenario) => Task.WhenAll(Enumerable.Range(0, Shards).Select(async index =>
    {
        await using var job = scenario.Job();
        job.Environment["JOB_COMPLETION_INDEX"] = index.ToString(CultureInfo.InvariantCulture);
        job.Environment["CERTSYNC_SHARD"] = Shards.ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["sync", .. scenario.Arguments("--namespace", scenario.Namespace, "--lease", $"{scenario.Lease}-{index}")];
        return new SyncRun(await job.RunAsync(arguments, timeout: TimeSpan.FromMinutes(15)));
    }));
}
