using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>What happens to a certificate in the vault, one situation a test.</summary>
public sealed class VaultRowsTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    private static readonly Dictionary<string, string> OtherTool = new() { ["SyncFrom"] = "cert-manager-key-vault-sync", ["namespace"] = "shop" };

    [Fact]
    public async Task One_that_is_not_there_is_imported_with_tags_that_tell_where_it_comes_from()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");

        scenario.AssertHas("web", issued);
        var secret = Assert.Single(scenario.Sandbox.Kubernetes.List(ResourceType.Secrets, scenario.Namespace));
        var tags = scenario.TagsOf("web");
        Assert.Equal("clustertrust-certsync", tags["managed-by"]);
        Assert.Equal("blue", tags["cluster"]);
        Assert.Equal($"{scenario.Namespace}/web-tls", tags["source"]);
        Assert.Equal(secret["metadata"]!["uid"]!.GetValue<string>(), tags["source-uid"]);
        Assert.Equal(secret["metadata"]!["resourceVersion"]!.GetValue<string>(), tags["source-version"]);
        Assert.Equal("1", tags["tag-version"]);
        Assert.Matches("^[0-9a-f]{64}$", tags["chain-sha256"]);
        Assert.Equal(issued.Thumbprint, tags["thumbprint"], ignoreCase: true);
        Assert.Equal(8, tags.Count);
        Assert.Equal(2, scenario.Vault.Find("web")!.Latest.Chain.Count);
        Assert.Equal("Unknown", scenario.Vault.Find("web")!.Policy.Issuer);
        Assert.Equal("EmailContacts", Assert.Single(scenario.Vault.Find("web")!.Policy.LifetimeActions!).Action);
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task One_that_has_not_changed_costs_no_GET_and_no_Secret_is_read()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        await scenario.SyncAsync();
        scenario.Forget();

        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");

        Assert.Equal(["GET /certificates"], scenario.VaultRequests);
        Assert.Equal([$"GET /api/v1/namespaces/{scenario.Namespace}/secrets"], scenario.SecretRequests);
        Assert.Equal(1, scenario.VersionsOf("web"));
    }

    [Fact]
    public async Task A_Secret_that_moved_on_with_the_same_certificate_gets_new_tags_and_no_new_version()
    {
        var scenario = fixture.New();
        var spec = new CertificateSpec(scenario.Namespace, "web");
        var issued = scenario.Issue("web");
        await scenario.SyncAsync();
        scenario.Sandbox.Certificates.Put(spec with { Labels = new Dictionary<string, string> { ["team"] = "a" } }, issued.Data);
        scenario.Forget();

        (await scenario.SyncAsync()).Expect(0, "update-tags source-moved");

        Assert.Equal(1, scenario.VersionsOf("web"));
        Assert.Equal(["GET /certificates", "PATCH /certificates/web"], scenario.VaultRequests);
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task A_renewed_certificate_is_imported_as_a_new_version()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        await scenario.SyncAsync();
        var renewed = scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddSeconds(-5));

        (await scenario.SyncAsync()).Expect(0, "renew newer-in-cluster");

        scenario.AssertHas("web", renewed);
        Assert.Equal(2, scenario.VersionsOf("web"));
    }

    [Fact]
    public async Task The_same_leaf_with_another_chain_is_imported_again()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web", spec => spec with { Intermediates = 2 });
        await scenario.SyncAsync();
        var chain = issued.ChainPem.Split("-----END CERTIFICATE-----\n");
        var shorter = issued with { ChainPem = string.Join("-----END CERTIFICATE-----\n", chain[..2]) + "-----END CERTIFICATE-----\n" };
        scenario.Sandbox.Certificates.Put(new CertificateSpec(scenario.Namespace, "web"), shorter.Data);

        (await scenario.SyncAsync()).Expect(0, "renew chain-changed");

        Assert.Equal(2, scenario.VersionsOf("web"));
        Assert.Equal([3, 2], scenario.Vault.Find("web")!.Versions.Select(static version => version.Chain.Count));
        (await scenario.SyncAsync("--full")).Expect(0, "unchanged same-certificate");
    }

    [Fact]
    public async Task A_newer_one_in_the_vault_is_not_written_over_unless_that_is_wanted()
    {
        var scenario = fixture.New();
        var older = scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddDays(-10));
        var newer = scenario.Issue("web");
        await scenario.SyncAsync();
        scenario.Sandbox.Certificates.Put(new CertificateSpec(scenario.Namespace, "web"), older.Data);

        var refused = (await scenario.SyncAsync()).Expect(3, "refuse older-than-vault");

        Assert.Contains("--allow-older", refused.Only.Message, StringComparison.Ordinal);
        scenario.AssertHas("web", newer);
        (await scenario.SyncAsync("--allow-older")).Expect(0, "renew newer-in-cluster");
        scenario.AssertHas("web", older);
    }

    [Fact]
    public async Task One_that_somebody_else_wrote_is_refused_and_adopted_when_told_so_with_its_own_tags_kept()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        using var foreign = Foreign(scenario, "web");
        scenario.Vault.Seed("web", foreign, new Dictionary<string, string> { ["owner"] = "team-a" });

        var refused = (await scenario.SyncAsync()).Expect(3, "refuse not-ours");
        Assert.Contains("--adopt", refused.Only.Message, StringComparison.Ordinal);
        Assert.Equal(1, scenario.VersionsOf("web"));

        (await scenario.SyncAsync("--adopt")).Expect(0, "renew newer-in-cluster");
        scenario.AssertHas("web", issued);
        Assert.Equal("team-a", scenario.TagsOf("web")["owner"]);
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task Another_clusters_is_refused_by_its_name()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        await scenario.SyncAsync();

        var refused = (await scenario.SyncAsync("--cluster", "green")).Expect(3, "refuse another-cluster");

        Assert.Contains("'blue'", refused.Only.Message, StringComparison.Ordinal);
        Assert.Equal("blue", scenario.TagsOf("web")["cluster"]);
    }

    [Fact]
    public async Task What_cert_manager_key_vault_sync_wrote_is_adopted_without_an_import_and_the_vault_stops_renewing_it()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        scenario.Vault.Seed("web", issued.Leaf, OtherTool, policy: new StoredPolicy("Self") { LifetimeActions = [new("AutoRenew", 80)] });

        (await scenario.SyncAsync()).Expect(3, "refuse not-ours");
        (await scenario.SyncAsync("--adopt")).Expect(0, "update-tags source-moved");

        Assert.Equal(1, scenario.VersionsOf("web"));
        Assert.DoesNotContain("SyncFrom", scenario.TagsOf("web").Keys);
        Assert.Equal("shop", scenario.TagsOf("web")["namespace"]);
        Assert.Equal("Unknown", scenario.Vault.Find("web")!.Policy.Issuer);
        Assert.Equal("EmailContacts", Assert.Single(scenario.Vault.Find("web")!.Policy.LifetimeActions!).Action);
        scenario.Forget();
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
        Assert.Equal(["GET /certificates"], scenario.VaultRequests);
    }

    [Fact]
    public async Task A_policy_of_an_earlier_life_of_the_name_that_renews_is_replaced_with_the_import()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        using var foreign = Foreign(scenario, "web");
        scenario.Vault.Seed("web", foreign, OtherTool, policy: new StoredPolicy("Self") { LifetimeActions = [new("AutoRenew", 80)] });

        (await scenario.SyncAsync("--adopt")).Expect(0, "renew newer-in-cluster");

        scenario.AssertHas("web", issued);
        Assert.Equal("Unknown", scenario.Vault.Find("web")!.Policy.Issuer);
        Assert.Equal("EmailContacts", Assert.Single(scenario.Vault.Find("web")!.Policy.LifetimeActions!).Action);
    }

    [Fact]
    public async Task One_that_a_person_disabled_stays_disabled_and_is_reported()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        await scenario.SyncAsync();
        scenario.Vault.Seed("web", issued.Leaf, new Dictionary<string, string>(scenario.TagsOf("web")), enabled: false);
        scenario.Issue("web");

        (await scenario.SyncAsync()).Expect(0, "keep disabled-in-vault");

        Assert.False(scenario.Vault.Find("web")!.Latest.Enabled);
        scenario.AssertHas("web", issued);
    }

    [Fact]
    public async Task The_tags_of_a_later_release_are_left_alone_even_when_adopting()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        await scenario.SyncAsync();
        scenario.Vault.Seed("web", issued.Leaf, new Dictionary<string, string>(scenario.TagsOf("web")) { ["tag-version"] = "2" });

        (await scenario.SyncAsync("--adopt")).Expect(3, "refuse later-release");
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task A_full_run_reads_and_compares_every_Secret()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        await scenario.SyncAsync();
        scenario.Forget();

        (await scenario.SyncAsync("--full")).Expect(0, "unchanged same-certificate");

        Assert.Contains($"GET /api/v1/namespaces/{scenario.Namespace}/secrets/web-tls", scenario.SecretRequests);
        Assert.Equal(["GET /certificates"], scenario.VaultRequests);
    }

    private static System.Security.Cryptography.X509Certificates.X509Certificate2 Foreign(Scenario scenario, string name)
    {
        return CertificateIssuer.Issue(new CertificateSpec(scenario.Namespace, name), DateTimeOffset.UtcNow.AddDays(-30)).Leaf;
    }
}
