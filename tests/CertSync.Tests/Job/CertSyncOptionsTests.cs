namespace ClusterTrust.CertSync.Tests.Job;

public sealed class CertSyncOptionsTests
{
    /// <summary>Each flag of sync, the value of its option, and how it is read.</summary>
    private static readonly (string Flag, string Value, Func<CertSyncOptions, object?> Read)[] Settings =
    [
        ("--vault edge=other", "vault-main, edge", static options => List(options.Vaults.Select(static vault => vault.Alias))),
        ("--namespace shop --namespace team-[!a-c]?*", "shop, team-[!a-c]?*", static options => List(options.Filter.IncludeNamespaces.Select(static glob => glob.Pattern))),
        ("--exclude-namespace kube-*", "kube-*", static options => List(options.Filter.ExcludeNamespaces.Select(static glob => glob.Pattern))),
        ("--certificate we[a-c]", "we[a-c]", static options => List(options.Filter.CertificateNames)),
        ("--label-selector tier=front", "tier=front", static options => options.Filter.LabelSelector),
        ("--annotation Example.com/cert_1.A", "Example.com/cert_1.A", static options => options.Filter.CertificateAnnotation),
        ("--include-opaque", "True", static options => options.Filter.IncludeOpaque),
        ("--include-ca", "True", static options => options.Policy.IncludeAuthorities),
        ("--name-template {namespace}-{name}", "{namespace}-{name}", static options => options.Names.Template),
        ("--grant team-*=public-", "team-*=public-", static options => List(options.Policy.Grants.Select(static grant => $"{grant.Namespaces.Pattern}={grant.Prefix}"))),
        ("--full", "True", static options => options.Policy.Full),
        ("--include-root", "True", static options => options.Bundle.IncludeRoot),
        ("--strict-chain", "True", static options => options.Bundle.StrictChain),
        ("--format pem", "Pem", static options => options.Format),
        ("--pfx-encryption aes256-sha256", "Aes256Sha256", static options => options.Encryption),
        ("--adopt", "True", static options => options.Policy.Adopt),
        ("--allow-older", "True", static options => options.Policy.AllowOlder),
        ("--no-recover", "False", static options => options.Policy.Recover),
        ("--prune disable", "Disable", static options => options.Policy.Prune),
        ("--prune-limit 9", "9", static options => options.Policy.PruneLimit),
        ("--parallel 3", "3", static options => options.Parallel),
        ("--lease other", "other", LeaseName),
        ("--no-lease", "", LeaseName),
        ("--lease-namespace jobs", "jobs", static options => options.Values.Get(CertSyncSettings.LeaseNamespace)),
        ("--events", "True", static options => options.Values.Get(CertSyncSettings.Events)),
        ("--auth client-secret", "ClientSecret", static options => options.Values.Get(CertSyncSettings.Auth)),
        ("--issuer-timeout 10m", "00:10:00", static options => options.Values.Get(CertSyncSettings.IssuerTimeout)),
        ("--disable-challenge-verification", "True", static options => options.Vault.DisableChallengeVerification),
        ("--retries 1", "1", static options => options.Vault.Retries),
        ("--request-timeout 7s", "00:00:07", static options => options.Vault.RequestTimeout),
    ];

    [Fact]
    public Task A_flag_changes_its_option_and_no_other() => Assert.AllAsync(Settings, static async own =>
    {
        var (before, _) = await ReadAsync();
        var (after, error) = await ReadAsync(own.Flag.Split(' '));
        Assert.True(after is not null, error);
        Assert.Equal(own.Value, $"{own.Read(after!)}");
        Assert.All(Settings.Where(setting => setting.Read != own.Read), setting => Assert.Equal(setting.Read(before!), setting.Read(after!)));
        Assert.NotEqual(own.Read(before!), own.Read(after!));
    });

    [Fact]
    public void Every_setting_of_sync_is_in_the_table() => Assert.Equal(
        CertSyncSettings.All.Select(static setting => setting.Flag).Except(["--cluster", "--shard"]).Order(StringComparer.Ordinal),
        Settings.Select(static setting => setting.Flag.Split(' ')[0]).Except(["--retries", "--request-timeout"]).Order(StringComparer.Ordinal));

    [Fact]
    public async Task The_variables_of_cert_manager_key_vault_sync_mean_what_they_meant()
    {
        var variables = new Dictionary<string, string>
        {
            ["AZURE_KEY_VAULT_NAME"] = "shop-prod",
            ["ANNOTATION"] = "example.com/cert",
            ["USE_NAMESPACES"] = "enabled",
            ["CERT_NAME_FILTER"] = "regex:^web-",
            ["CERTSYNC_CLUSTER"] = "blue",
            ["CERTSYNC_NAMESPACE"] = "shop",
        };
        var (options, _) = await RunAsync(["sync"], variables);

        var filter = options!.Filter;
        Assert.Equal("shop-prod", Assert.Single(options.Vaults).Alias);
        Assert.Equal(("example.com/cert", "{namespace}-{name}", "certsync-blue"), (filter.CertificateAnnotation, options.Names.Template, options.LeaseName));
        Assert.Equal("shop", Assert.Single(filter.IncludeNamespaces).Pattern);
        Assert.Equal([true, false], new[] { "web-1", "internal-web-2" }.Select(filter.CertificateNames.Single().IsMatch));

        variables["CERT_NAME_FILTER"] = "regex:(";
        Assert.Contains("CERT_NAME_FILTER", (await RunAsync(["sync"], variables)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1/4", "", 1, 4, "certsync-blue-1-of-4")]
    [InlineData("4", "3", 3, 4, "certsync-blue-3-of-4")]
    public async Task A_shard_is_given_or_that_of_an_indexed_Job_and_has_a_Lease_a_share_of_the_vault_and_metrics_of_its_own(string shard, string index, int expected, int count, string lease)
    {
        var (options, _) = await RunAsync(
            ["sync", "--vault", "vault-main", "--cluster", "Blue", "--shard", shard], new Dictionary<string, string> { ["JOB_COMPLETION_INDEX"] = index });
        Assert.Equal((new Shard(expected, count), lease, 75, $"{expected}"), (options!.Shard, options.LeaseName, options.Vault.ImportLimit, CertSyncCommands.Plan.Instance(options.Values)));
    }

    [Theory]
    [InlineData("sync --vualt x", "--vault")]
    [InlineData("sync --prune everything", "keep, disable or delete")]
    [InlineData("sync --namespace shop,web", "must be the name of one namespace (a flag is repeated for several)")]
    [InlineData("verify --exclude-namespace Kube_System", "must be the name of one namespace")]
    [InlineData("sync --exclude-namespace kube_*", "must be the name of one namespace")]
    [InlineData("sync --exclude-namespace kube-[^s]*", "must be the name of one namespace")]
    [InlineData("sync --exclude-namespace *-[a-z]]", "must be the name of one namespace")]
    [InlineData("sync --exclude-namespace kube-[z-a]", "must be the name of one namespace")]
    [InlineData("sync --certificate web-[z-a]", "--certificate must be a pattern whose ranges are in order")]
    [InlineData("sync --annotation example.com/cert/name", "--annotation must be the key of an annotation"), InlineData("verify --annotation cert-", "--annotation must be the key of an annotation")]
    [InlineData("sync --lease ..", "--lease must be the name of a Lease"), InlineData("sync --lease-namespace a/b", "--lease-namespace must be the name of a namespace")]
    [InlineData("sync --grant shop,web=pre-", "must be NAMESPACE-GLOB=PREFIX")]
    [InlineData("sync --shard 4", "COUNT alone requires JOB_COMPLETION_INDEX")]
    [InlineData("sync --vault vault-main=other", "must give each vault its own alias: 'vault-main'")]
    [InlineData("sync --vault edge=vault-main", "must name each vault once: vault-main.vault.azure.net")]
    [InlineData("verify --endpoint localhost=edge/web", "--endpoint names the vault 'edge'")]
    [InlineData("verify --endpoint localhost", "must be HOST[:PORT]=NAME")]
    public async Task What_is_wrong_is_named_with_what_would_be_right(string arguments, string sentence)
    {
        var (options, error) = await RunAsync([.. arguments.Split(' '), "--vault", "vault-main", "--cluster", "blue"], []);
        Assert.Null(options);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    private static string? LeaseName(CertSyncOptions options) => options.LeaseName;

    private static string List<T>(IEnumerable<T> items) => string.Join(", ", items);

    private static Task<(CertSyncOptions? Options, string Error)> ReadAsync(params string[] more) =>
        RunAsync(["sync", "--vault", "vault-main", "--cluster", "blue", .. more], []);

    private static async Task<(CertSyncOptions? Options, string Error)> RunAsync(string[] arguments, Dictionary<string, string> variables)
    {
        CertSyncOptions? options = null;
        using var output = new StringWriter();
        using var error = new StringWriter();
        var sync = CertSyncCommands.Sync with { Configure = (_, values) => options = CertSyncOptions.Read(values) };
        await new JobApplication("certsync", "Test.", sync, CertSyncCommands.Verify).RunAsync(
            [.. arguments, "--log-format", "text"],
            new JobEnvironment { Variables = variables, Output = output, Error = error, TerminationLog = "", ConfigDirectory = "/nowhere" });
        return (options, error.ToString());
    }
}
