using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Services that resemble Key Vault and leave out part of it.</summary>
public sealed class EmulatorTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Trait("ApiServer", "own")]
    [Fact]
    public async Task Lists_without_tags_and_times_cost_a_GET_each_but_no_Secret_is_read_and_nothing_imported_again()
    {
        var scenario = fixture.New(static options => options with { SparseLists = true });
        scenario.Issue("web");
        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        scenario.Forget();

        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");

        Assert.Equal(["GET /certificates", "GET /certificates/web"], scenario.VaultRequests);
        Assert.Single(scenario.SecretRequests);
        Assert.Equal(1, scenario.VersionsOf("web"));
        var renewed = scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddSeconds(-5));
        (await scenario.SyncAsync()).Expect(0, "renew newer-in-cluster");
        scenario.AssertHas("web", renewed);
        scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddDays(-5));
        (await scenario.SyncAsync()).Expect(3, "refuse older-than-vault");
    }

    [Fact]
    public async Task A_thumbprint_in_hexadecimal_is_the_same_certificate_s()
    {
        var scenario = fixture.New(static options => options with { HexThumbprints = true });
        var spec = new CertificateSpec(scenario.Namespace, "web");
        var issued = scenario.Issue("web");
        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        scenario.Sandbox.Certificates.Put(spec with { Labels = new Dictionary<string, string> { ["team"] = "a" } }, issued.Data);
        scenario.Forget();

        (await scenario.SyncAsync()).Expect(0, "update-tags source-moved");

        Assert.Equal(["GET /certificates", "PATCH /certificates/web"], scenario.VaultRequests);
        Assert.Equal(1, scenario.VersionsOf("web"));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task Not_knowing_deleted_certificates_does_not_keep_new_ones_from_going(int status)
    {
        var scenario = fixture.New();
        foreach (var number in Enumerable.Range(0, status == 404 ? 10 : 1))
        {
            scenario.Issue($"web-{number}", static spec => spec with { Ec = true });
        }

        scenario.Sandbox.KeyVault.Faults.Next(new Fault.Status(status), when: static request => request.Path.StartsWithSegments("/deletedcertificates"));

        Assert.Equal(0, (await scenario.SyncAsync()).Output.ExitCode);
        Assert.All(scenario.Vault.Certificates, static certificate => Assert.Single(certificate.Versions));
        Assert.NotEmpty(scenario.Vault.Certificates);
    }

    [Fact]
    public async Task A_challenge_for_another_resource_is_taken_only_when_told_so()
    {
        var scenario = fixture.New(static options => options with { ForeignResource = "https://vault.azure.cn" });
        scenario.Issue("web");

        var refused = await scenario.SyncAsync();
        Assert.True(refused.Output.ExitCode == 2, refused.Output.ToString());
        Assert.Contains("--disable-challenge-verification", refused.Output.StandardError, StringComparison.Ordinal);

        (await scenario.SyncAsync("--disable-challenge-verification")).Expect(0, "create not-in-vault");
    }
}
