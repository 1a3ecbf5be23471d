using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Names that are soft-deleted in the vault.</summary>
public sealed class SoftDeletedTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task A_deleted_name_is_recovered_within_the_vaults_own_time_and_then_imported()
    {
        var scenario = fixture.New(options => options with { RecoverDelay = TimeSpan.FromSeconds(3) });
        var renewed = await DeletedAsync(scenario);

        (await scenario.SyncAsync()).Expect(0, "recover soft-deleted");

        scenario.AssertHas("web", renewed);
        Assert.Equal(2, scenario.VersionsOf("web"));
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task The_same_certificate_that_comes_back_is_not_imported_again()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        scenario.Vault.Delete("web");

        (await scenario.SyncAsync()).Expect(0, "recover soft-deleted");

        scenario.AssertHas("web", issued);
        Assert.Equal(1, scenario.VersionsOf("web"));
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task The_same_certificate_of_a_Secret_that_was_written_anew_gets_its_tags()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        var before = scenario.TagsOf("web")["source-version"];
        scenario.Vault.Delete("web");
        scenario.Sandbox.Certificates.Put(new CertificateSpec(scenario.Namespace, "web"), new Dictionary<string, byte[]>(issued.Data) { ["extra"] = [1] });

        (await scenario.SyncAsync()).Expect(0, "recover soft-deleted");

        Assert.Equal(1, scenario.VersionsOf("web"));
        Assert.NotEqual(before, scenario.TagsOf("web")["source-version"]);
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task It_is_only_reported_when_told_not_to_recover()
    {
        var scenario = fixture.New();
        await DeletedAsync(scenario);

        (await scenario.SyncAsync("--no-recover")).Expect(3, "refuse soft-deleted");

        Assert.NotNull(scenario.Vault.Find("web")!.DeletedAt);
    }

    [Fact]
    public async Task Somebody_elses_deleted_one_is_not_recovered()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        scenario.Vault.Seed("web", issued.Leaf);
        scenario.Vault.Delete("web");

        (await scenario.SyncAsync()).Expect(3, "refuse not-ours");

        Assert.NotNull(scenario.Vault.Find("web")!.DeletedAt);
    }

    [Fact]
    public async Task One_whose_deletion_is_still_going_on_is_waited_for()
    {
        var scenario = fixture.New(options => options with { DeleteDelay = TimeSpan.FromSeconds(4) });
        var renewed = await DeletedAsync(scenario);

        (await scenario.SyncAsync()).Expect(0, "recover soft-deleted");

        scenario.AssertHas("web", renewed);
    }

    [Fact]
    public async Task Where_the_look_fails_at_first_an_import_tells_and_the_owner_is_seen_before_anything_is_recovered()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        scenario.Vault.Seed("web", issued.Leaf);
        scenario.Vault.Delete("web");
        scenario.Sandbox.KeyVault.Faults.Next(new Fault.Status(405), when: static request => request.Path.StartsWithSegments("/deletedcertificates"));

        (await scenario.SyncAsync()).Expect(3, "refuse not-ours");

        Assert.NotNull(scenario.Vault.Find("web")!.DeletedAt);
        Assert.Contains("POST /certificates/web/import", scenario.VaultRequests);
        Assert.DoesNotContain("POST /deletedcertificates/web/recover", scenario.VaultRequests);
    }

    [Fact]
    public async Task Where_the_look_fails_at_first_our_own_is_recovered_after_all()
    {
        var scenario = fixture.New();
        var renewed = await DeletedAsync(scenario);
        scenario.Sandbox.KeyVault.Faults.Next(new Fault.Status(405), when: static request => request.Path.StartsWithSegments("/deletedcertificates"));

        (await scenario.SyncAsync()).Expect(0, "recover soft-deleted");

        scenario.AssertHas("web", renewed);
    }

    private static async Task<Sandbox.CertManager.Issuance> DeletedAsync(Scenario scenario)
    {
        scenario.Issue("web");
        Assert.Equal(0, (await scenario.SyncAsync()).Output.ExitCode);
        scenario.Vault.Delete("web");
        scenario.Forget();
        return scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddSeconds(-5));
    }

    [Theory]
    [InlineData("Secret web is currently in a deleted but recoverable state, and its name cannot be reused", "az keyvault secret purge")]
    [InlineData("Key web is currently in a deleted but recoverable state, and its name cannot be reused", "az keyvault key purge")]
    public async Task A_name_that_a_soft_deleted_secret_or_key_holds_is_refused_with_the_vaults_words_and_the_command(string words, string command)
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        scenario.Sandbox.KeyVault.Faults.Next(
            new Fault.Status(409, Body: """{"error":{"code":"Conflict","message":"WORDS","innererror":{"code":"ObjectIsDeletedButRecoverable"}}}""".Replace("WORDS", words, StringComparison.Ordinal)),
            1,
            request => request.Method == "POST" && request.Headers.Authorization.Count > 0 && request.Host.Host.StartsWith(scenario.Vault.Name + ".", StringComparison.Ordinal));

        var refused = (await scenario.SyncAsync()).Expect(3, "refuse soft-deleted");

        Assert.Contains(words, refused.Only.Message, StringComparison.Ordinal);
        Assert.Contains(command, refused.Only.Message, StringComparison.Ordinal);
        Assert.Null(scenario.Vault.Find("web"));
    }
}
