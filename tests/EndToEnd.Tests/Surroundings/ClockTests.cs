namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>A job on a machine whose clock is ten minutes off everybody else's: the API server's, Entra ID's, Key Vault's and the issuing CA's.</summary>
[Trait("ApiServer", "own")]
public sealed class ClockTests
{
    [Theory]
    [InlineData(10), InlineData(-10)]
    public async Task Both_jobs_do_their_work_ten_minutes_off(int minutes)
    {
        var offset = TimeSpan.FromMinutes(minutes);
        await using var cluster = await SandboxCluster.StartAsync(new ShiftedClock(offset));
        // Just issued, by the others' clock: not valid yet by one's own, when that is behind.
        cluster.Certificates.Issue(new CertificateSpec("shop", "fresh"), DateTimeOffset.UtcNow + offset - TimeSpan.FromSeconds(5));
        // Valid for five more minutes, by the others' clock.
        var ending = cluster.Certificates.Issue(new CertificateSpec("shop", "ending") { Lifetime = TimeSpan.FromHours(1) }, DateTimeOffset.UtcNow + offset - TimeSpan.FromMinutes(45));

        Expect.Done(await cluster.OidcAsync("publish", "--no-verify"), "published the issuer");
        cluster.ApiServer.Keys.Announce();
        Expect.Done(await cluster.OidcAsync("publish"), "published the issuer");
        Expect.Done(await cluster.CertSyncAsync("sync"), "create");
        Expect.Done(await cluster.CertSyncAsync("sync"), "unchanged");

        Assert.Equal(2, cluster.Vault.Certificates.Count);
        Assert.Contains(cluster.Vault.Certificates, certificate => certificate.Latest.Thumbprint.Equals(ending.Thumbprint, StringComparison.OrdinalIgnoreCase));

        // Tokens that are not valid yet, as those of a cluster whose clock is ahead: clouds refuse them, so it must be reported.
        var verified = await cluster.OidcAsync("verify");
        if (minutes > 0)
        {
            Expect.Exit(Expect.Failed, verified, "a clock is wrong");
        }
        else
        {
            Expect.Done(verified);
        }
    }

    /// <summary>OpenSSL compares a certificate's times by the time zone of the machine, of which .NET can be told not to know.</summary>
    [Fact]
    public async Task A_time_zone_fourteen_hours_ahead_changes_nothing()
    {
        await using var cluster = await SandboxCluster.StartAsync();
        var zone = new Dictionary<string, string> { ["TZ"] = "Pacific/Kiritimati" };
        Expect.Done(await cluster.RunAsync("oidc", ["publish", .. cluster.OidcArguments(), "--no-verify"], zone), "published the issuer");
        Expect.Done(await cluster.RunAsync("certsync", ["sync", .. cluster.CertSyncArguments()], zone));
    }
}
