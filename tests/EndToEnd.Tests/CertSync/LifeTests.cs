namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>A certificate's life in the vault, run after run. Each decision has its own tests in <c>tests/CertSync.Tests</c>.</summary>
public sealed class LifeTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Trait("ApiServer", "own")]
    [Fact]
    public async Task From_the_first_import_to_the_deletion()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");

        (await scenario.SyncAsync("--format", "pem")).Expect(0, "create not-in-vault");
        scenario.AssertHas("web", issued);
        AssertTags(scenario, issued);
        var stored = scenario.Vault.Find("web")!;
        Assert.Equal(2, stored.Latest.Chain.Count);
        Assert.Equal(("Unknown", "EmailContacts", StoredPolicy.Pem), (stored.Policy.Issuer, Assert.Single(stored.Policy.LifetimeActions!).Action, stored.Policy.ContentType));

        scenario.Forget();
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
        Assert.Equal(["GET /certificates"], scenario.VaultRequests);
        Assert.Equal([$"GET /api/v1/namespaces/{scenario.Namespace}/secrets"], scenario.SecretRequests);

        scenario.Forget();
        scenario.Sandbox.Certificates.Put(new(scenario.Namespace, "web") { Labels = new Dictionary<string, string> { ["team"] = "a" } }, issued.Data);
        (await scenario.SyncAsync()).Expect(0, "update-tags source-moved");
        Assert.Equal(["GET /certificates", "PATCH /certificates/web"], scenario.VaultRequests);

        var renewed = scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddSeconds(-5));
        (await scenario.SyncAsync()).Expect(0, "renew newer-in-cluster");
        scenario.AssertHas("web", renewed);
        Assert.Equal(StoredPolicy.Pfx, scenario.Vault.Find("web")!.Policy.ContentType);

        Assert.Contains("'blue'", Assert.Single((await scenario.SyncAsync("--cluster", "green")).Expect(3, "refuse another-cluster").Lines).Message, StringComparison.Ordinal);

        scenario.Vault.Delete("web");
        (await scenario.SyncAsync("--no-recover")).Expect(3, "refuse soft-deleted");
        (await scenario.SyncAsync()).Expect(0, "recover soft-deleted");
        Assert.Equal(2, scenario.Vault.Find("web")!.Versions.Count);

        scenario.Sandbox.Kubernetes.Delete(ResourceType.Secrets, scenario.Namespace, "web-tls");
        (await scenario.SyncAsync()).Expect(0, "keep source-gone");
        (await scenario.PlanAsync("--prune", "delete")).Expect(0, "delete source-gone");
        Assert.Null(scenario.Vault.Find("web")!.DeletedAt);
        (await scenario.SyncAsync("--prune", "delete")).Expect(0, "delete source-gone");
        Assert.NotNull(scenario.Vault.Find("web")!.DeletedAt);
        (await scenario.SyncAsync("--prune", "delete")).Expect(0);
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task A_list_without_tags_and_times_costs_a_GET_each_but_no_Secret_is_read_and_nothing_imported_again()
    {
        var scenario = fixture.New(new VaultOptions { SparseLists = true });
        scenario.Issue("web");
        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        scenario.Forget();

        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");

        Assert.Equal(["GET /certificates", "GET /certificates/web"], scenario.VaultRequests);
        Assert.Single(scenario.SecretRequests);
        scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddDays(-5));
        (await scenario.SyncAsync()).Expect(3, "refuse older-than-vault");
    }

    private static void AssertTags(Scenario scenario, Issuance issued)
    {
        var metadata = Assert.Single(scenario.Sandbox.Kubernetes.List(ResourceType.Secrets, scenario.Namespace))["metadata"]!;
        var tags = scenario.Vault.Find("web")!.Latest.Tags;
        Assert.Equal(
            ["blue", "clustertrust-certsync", $"{scenario.Namespace}/web-tls", (string)metadata["uid"]!, (string)metadata["resourceVersion"]!, "1", issued.Thumbprint],
            new[] { "cluster", "managed-by", "source", "source-uid", "source-version", "tag-version", "thumbprint" }.Select(tag => tags[tag]));
        Assert.Matches("^[0-9a-f]{64}$", tags["chain-sha256"]);
        Assert.Equal(8, tags.Count);
    }
}
