namespace ClusterTrust.EndToEnd.Tests.Load;

/// <summary>A big cluster: 200 Secrets in 40 namespaces for 20 vaults; with <c>SOAK=1</c> 10,000 in 2,000.</summary>
[Trait("ApiServer", "own")]
public sealed class ManySecretsTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const int Vaults = 20;
    private const int InEachNamespace = 5;

    private static readonly int Namespaces = Soak.Times(40, 2000);

    [Fact]
    public async Task Many_Secrets_in_many_namespaces_reach_their_vaults_once_and_cost_little_afterwards()
    {
        var scenario = fixture.New();
        var vaults = Enumerable.Range(0, Vaults).Select(number => scenario.Sandbox.AddVault(string.Create(CultureInfo.InvariantCulture, $"load-{number:00}"))).ToArray();
        var wanted = vaults.ToDictionary(static vault => vault.Name, static _ => new Dictionary<string, Issuance>(StringComparer.Ordinal));
        for (var number = 0; number < Namespaces * InEachNamespace; number++)
        {
            var vault = vaults[number % Vaults].Name;
            var spec = new CertificateSpec(NamespaceOf(number), string.Create(CultureInfo.InvariantCulture, $"web-{number:00000}"))
            {
                Ec = true,
                Annotations = new Dictionary<string, string> { ["certsync.clustertrust.dev/vault"] = vault },
            };
            wanted[vault].Add(spec.Name, scenario.Sandbox.Certificates.Issue(spec));
        }

        string[] arguments = [.. scenario.Arguments([.. vaults.SelectMany(static vault => new[] { "--vault", vault.Name })])];

        var first = await RunAsync(scenario, ["sync", .. arguments], isMeasured: true);

        Assert.Equal(Namespaces * InEachNamespace, first.Count("create"));
        foreach (var vault in vaults)
        {
            Assert.Equal(
                wanted[vault.Name].Select(static one => $"{one.Key} {one.Value.Thumbprint} 1").Order(StringComparer.Ordinal),
                vault.Certificates.Select(static one => $"{one.Name} {one.Latest.Thumbprint.ToLowerInvariant()} {one.Versions.Count}").Order(StringComparer.Ordinal));
        }

        scenario.Forget();
        var second = await RunAsync(scenario, ["sync", .. arguments], Soak.IsOn);

        Assert.Equal(Namespaces * InEachNamespace, second.Count("unchanged"));
        Assert.DoesNotContain(scenario.SecretRequests, static request => request.Contains("/secrets/", StringComparison.Ordinal));
        Assert.All(scenario.VaultRequests, static request => Assert.StartsWith("GET", request, StringComparison.Ordinal));

        // With rights in named namespaces only, each is listed by itself.
        var named = await RunAsync(scenario, ["plan", .. arguments, .. Enumerable.Range(0, Namespaces).SelectMany(static number => new[] { "--namespace", NamespaceOf(number) })], Soak.IsOn);
        Assert.Equal(Namespaces * InEachNamespace, named.Count("unchanged"));
        Tally.Add("Secrets of a big cluster", Namespaces * InEachNamespace);
    }

    private static string NamespaceOf(int number) => string.Create(CultureInfo.InvariantCulture, $"team-{number % Namespaces:0000}");

    /// <summary>A process, whose memory is measured; of a small cluster the first run is the one to measure.</summary>
    private static async Task<SyncRun> RunAsync(Scenario scenario, string[] arguments, bool isMeasured)
    {
        await using var job = scenario.Sandbox.Job("certsync");
        return new SyncRun(Expect.Done(isMeasured ? await job.Start(arguments).WaitWithinLimitAsync("certsync", TimeSpan.FromMinutes(20)) : await job.RunAsync(arguments)));
    }
}
