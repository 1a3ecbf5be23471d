namespace ClusterTrust.EndToEnd.Tests.Load;

/// <summary>The pods of an Indexed Job side by side on one vault that throttles: as the real one is documented to, and sooner.</summary>
[Trait("ApiServer", "own")]
public sealed class ShardTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly int Shards = Soak.Times(3, 8);

    [Fact]
    [Trait("Duration", "long")]
    public Task Shards_fill_a_vault_that_takes_what_is_documented() => FillAsync(Soak.Times(330, 3000), ThrottleLimits.Documented);

    [Fact]
    public Task Shards_fill_a_vault_that_takes_less() => FillAsync(96, new ThrottleLimits(Imports: 48, Others: 60));

    private async Task FillAsync(int count, ThrottleLimits limits)
    {
        var scenario = fixture.New(new VaultOptions { Throttle = limits });
        var issued = Enumerable.Range(0, count)
            .Select(static number => string.Create(CultureInfo.InvariantCulture, $"web-{number:0000}"))
            .ToDictionary(static name => name, name => scenario.Issue(name, ec: true));

        var first = await RunAsync(scenario);

        if (limits != ThrottleLimits.Documented)
        {
            Assert.Contains(scenario.Sandbox.KeyVault.Requests, static request => request.Status == 429);
        }

        Assert.Equal(count, first.Sum(static run => run.Count("create")));
        AssertEqual(scenario, issued);

        scenario.Forget();
        var second = await RunAsync(scenario);

        Assert.Equal(count, second.Sum(static run => run.Count("unchanged")));
        Assert.DoesNotContain(scenario.SecretRequests, static request => request.Contains("/secrets/", StringComparison.Ordinal));
        Assert.DoesNotContain(scenario.VaultRequests, static request => request.StartsWith("POST", StringComparison.Ordinal));
        Tally.Add("shards side by side", Shards);
    }

    private static void AssertEqual(Scenario scenario, Dictionary<string, Issuance> issued)
    {
        Assert.Equal(issued.Keys.Order(StringComparer.Ordinal), scenario.Vault.Certificates.Select(static certificate => certificate.Name).Order(StringComparer.Ordinal));
        foreach (var (name, issuance) in issued)
        {
            scenario.AssertHas(name, issuance);
            Assert.Single(scenario.Vault.Find(name)!.Versions);
        }
    }

    private static Task<SyncRun[]> RunAsync(Scenario scenario) => Task.WhenAll(Enumerable.Range(0, Shards).Select(async index =>
    {
        string[] arguments = ["sync", .. scenario.Arguments("--namespace", scenario.Namespace, "--lease", $"{scenario.Lease}-{index}")];
        var environment = new Dictionary<string, string>
        {
            ["JOB_COMPLETION_INDEX"] = index.ToString(CultureInfo.InvariantCulture),
            ["CERTSYNC_SHARD"] = Shards.ToString(CultureInfo.InvariantCulture),
        };
        await using var job = scenario.Sandbox.Job("certsync");
        return new SyncRun(Expect.Done(await job.RunAsync(arguments, environment, TimeSpan.FromMinutes(15))));
    }));
}
