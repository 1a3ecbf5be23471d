namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Which name a certificate gets in the vault, and what happens when several want one.</summary>
public sealed class NamesTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    private const string Name = "certsync.clustertrust.dev/name";

    [Fact]
    public async Task Two_Secrets_with_the_same_certificate_make_one_import_and_both_are_in_the_tags()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        scenario.Sandbox.Certificates.Put(new(scenario.Namespace, "web") { SecretName = "web-copy" }, issued.Data);

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");

        Assert.Equal(1, scenario.VersionsOf("web"));
        Assert.Equal($"{scenario.Namespace}/web-copy,{scenario.Namespace}/web-tls", scenario.TagsOf("web")["source"]);
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task Of_two_Secrets_whose_certificates_are_each_others_renewal_the_one_valid_longest_wins()
    {
        var scenario = fixture.New();
        scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddDays(-20));
        var newer = scenario.Issue("web", spec => spec with { SecretName = "web-new" });

        var run = (await scenario.SyncAsync()).Expect(0, "create not-in-vault", "skip superseded");

        scenario.AssertHas("web", newer);
        Assert.Equal($"{scenario.Namespace}/web-tls", run.Lines[1].Secrets);
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task Two_Secrets_with_unrelated_certificates_are_refused_and_both_named()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        scenario.Issue("web", spec => spec with { SecretName = "web-other", DnsNames = ["other.example.com"] });

        var refused = (await scenario.SyncAsync()).Expect(3, "refuse conflicting-sources");

        Assert.Contains($"{scenario.Namespace}/web-other and {scenario.Namespace}/web-tls", refused.Only.Message, StringComparison.Ordinal);
        Assert.Empty(scenario.Vault.Certificates);
    }

    [Fact]
    public async Task A_tenant_may_not_take_a_name_that_is_not_its_own_unless_it_is_granted()
    {
        var scenario = fixture.New();
        scenario.Issue("web", spec => spec with { Annotations = new Dictionary<string, string> { [Name] = "payments-web" } });

        var refused = (await scenario.SyncAsync()).Expect(3, "refuse name-not-allowed");
        Assert.Contains("--grant", refused.Only.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(scenario.VaultRequests, static request => !request.StartsWith("GET", StringComparison.Ordinal));

        (await scenario.SyncAsync("--grant", $"{scenario.Namespace}=payments-")).Expect(0, "create not-in-vault");
        Assert.NotNull(scenario.Vault.Find("payments-web"));
    }

    [Theory]
    [InlineData("www.example.com", "www-example-com")]
    [InlineData("*.example.com", "wildcard-example-com")]
    public async Task A_name_Key_Vault_cannot_hold_is_mapped_and_kept_in_a_tag(string name, string mapped)
    {
        var scenario = fixture.New();
        scenario.Issue(name, static spec => spec with { SecretName = "mapped-tls" });

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");

        Assert.Equal(name, scenario.TagsOf(mapped)["source-name"]);
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_cut_and_ends_with_its_digest()
    {
        var scenario = fixture.New();
        scenario.Issue(new string('a', 200), static spec => spec with { SecretName = "long-tls", DnsNames = ["long.example.com"] });

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");

        Assert.Equal(new string('a', 118) + "-c2a908d9", Assert.Single(scenario.Vault.Certificates).Name);
    }

    [Theory]
    [InlineData("www.example", "www-example")]
    [InlineData("Web", "web")]
    public async Task Names_that_become_one_in_the_vault_are_refused_before_any_write(string one, string other)
    {
        var scenario = fixture.New();
        scenario.Issue(one, static spec => spec with { SecretName = "one-tls" });
        scenario.Issue(other, static spec => spec with { SecretName = "other-tls" });

        var refused = (await scenario.SyncAsync()).Expect(3, "refuse name-collision");

        Assert.Contains(one, refused.Only.Message, StringComparison.Ordinal);
        Assert.Contains(other, refused.Only.Message, StringComparison.Ordinal);
        Assert.Empty(scenario.Vault.Certificates);
    }

    [Fact]
    public async Task A_template_puts_namespace_and_cluster_into_the_name()
    {
        var scenario = fixture.New();
        scenario.Issue("web");

        (await scenario.SyncAsync("--name-template", "{cluster}-{namespace}-{name}")).Expect(0, "create not-in-vault");

        Assert.NotNull(scenario.Vault.Find($"blue-{scenario.Namespace.Replace("-", "--", StringComparison.Ordinal)}-web"));
    }
}
