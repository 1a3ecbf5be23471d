namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Run after run, with renewals and deletions in between, while 5 % of all requests fail. 6 rounds always; 100 with <c>SOAK=1</c>.</summary>
[Trait("ApiServer", "own")]
public sealed class SoakTests(SandboxFixture fixture, ITestOutputHelper output) : IClassFixture<SandboxFixture>
{
    private const double Share = 0.05;
    private const int Certificates = 20;

    [Fact]
    public async Task Under_faults_no_certificate_is_lost_or_imported_twice()
    {
        var rounds = Soak.Times(6, 100);
        var scenario = fixture.New();
        var random = new Random(30);
        var issued = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        void Issue(int number, DateTimeOffset notBefore)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"web-{number:00}");
            var issuance = scenario.Issue(name, notBefore, ec: true);
            (issued.TryGetValue(name, out var known) ? known : issued[name] = []).Add(issuance.Thumbprint);
        }

        // A renewal is newer than what it renews: each round is a minute later than the one before.
        var time = DateTimeOffset.UtcNow.AddDays(-2);
        foreach (var number in Enumerable.Range(0, Certificates))
        {
            Issue(number, time);
        }

        var seed = 31;
        SandboxServer[] servers = [scenario.Sandbox.ApiServer, scenario.Sandbox.Entra, scenario.Sandbox.KeyVault];
        foreach (var server in servers)
        {
            server.Faults.Rate(Share, seed++, new Fault.Reset(), Fault.Unavailable(), new Fault.Status(500), new Fault.Truncate(), Fault.TooManyRequests());
        }

        var failed = 0;
        for (var round = 0; round < rounds; round++)
        {
            var run = await scenario.SyncAsync();
            Assert.True(run.Output.ExitCode is 0 or 1, run.Output.ToString());
            Expect.Clean(run.Output);
            failed += run.Output.ExitCode;
            time = time.AddMinutes(1);
            for (var change = 0; change < 3; change++)
            {
                Issue(random.Next(Certificates), time);
            }

            var victim = scenario.Vault.Certificates.ElementAtOrDefault(random.Next(Certificates));
            if (victim is { DeletedAt: null })
            {
                scenario.Vault.Delete(victim.Name);
            }
        }

        foreach (var server in servers)
        {
            server.Faults.Clear();
        }

        var last = await scenario.SyncAsync();
        Expect.Done(last.Output);
        output.WriteLine($"{rounds} runs, {failed} with a certificate that failed.");
        Assert.True(failed <= rounds / 5, $"{failed} of {rounds} runs failed.");
        foreach (var (name, thumbprints) in issued)
        {
            var certificate = scenario.Vault.Find(name)!;
            Assert.Null(certificate.DeletedAt);
            Assert.Equal(thumbprints[^1], certificate.Latest.Thumbprint, ignoreCase: true);

            // Every version is another certificate of the cluster's, in the order in which they were issued.
            var versions = certificate.Versions.Select(static version => version.Thumbprint.ToLowerInvariant()).ToArray();
            Assert.Equal(thumbprints.Where(versions.Contains), versions);
        }

        Tally.Add("runs of certsync under faults", rounds);
    }
}
