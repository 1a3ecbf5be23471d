using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Tests.Job;

public sealed class CertSyncOptionsTests
{
    /// <summary>Each flag of sync, with what it changes.</summary>
    public static TheoryData<string, string> Flags => new()
    {
        { "--vault edge=other", "vaults: vault-main, edge" },
        { "--namespace shop --namespace team-*", "namespaces: shop, team-*" },
        { "--exclude-namespace kube-*", "excluded: kube-*" },
        { "--certificate we[a-c]", "certificates: we[a-c]" },
        { "--label-selector tier=front", "selector: tier=front" },
        { "--annotation example.com/cert", "annotation: example.com/cert" },
        { "--include-opaque", "opaque: True" },
        { "--include-ca", "authorities: True" },
        { "--name-template {namespace}-{name}", "template: {namespace}-{name}" },
        { "--grant team-*=public-", "grants: team-*=public-" },
        { "--full", "full: True" },
        { "--include-root", "root: True" },
        { "--strict-chain", "strict: True" },
        { "--format pem", "format: Pem" },
        { "--pfx-encryption aes256-sha256", "encryption: Aes256Sha256" },
        { "--adopt", "adopt: True" },
        { "--allow-older", "older: True" },
        { "--no-recover", "recover: False" },
        { "--prune disable", "prune: Disable" },
        { "--prune-limit 9", "limit: 9" },
        { "--parallel 3", "parallel: 3" },
        { "--lease other", "lease: other" },
        { "--no-lease", "lease: " },
        { "--lease-namespace jobs", "lease namespace: jobs" },
        { "--events", "events: True" },
        { "--auth client-secret", "sign-in: ClientSecret" },
        { "--issuer-timeout 10m", "issuer timeout: 00:10:00" },
        { "--disable-challenge-verification", "any challenge: True" },
        { "--retries 1", "retries: 1" },
        { "--request-timeout 7s", "request timeout: 00:00:07" },
    };

    [Theory]
    [MemberData(nameof(Flags))]
    public async Task A_flag_changes_its_option_and_no_other(string flag, string changed)
    {
        var (before, _) = await ReadAsync([]);
        var (after, error) = await ReadAsync(flag.Split(' '));

        Assert.True(after is not null, error);
        Assert.Equal([changed], Describe(after!).Except(Describe(before!)));
    }

    [Fact]
    public void Every_setting_of_sync_is_in_the_table() => Assert.Equal(
        CertSyncSettings.All.Select(static setting => setting.Flag).Except(["--cluster", "--shard"]).Order(StringComparer.Ordinal),
        Flags.Select(static row => ((string)row[0]).Split(' ')[0]).Except(["--retries", "--request-timeout"]).Order(StringComparer.Ordinal));

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

        var lines = Describe(options!);
        foreach (var line in new[] { "vaults: shop-prod", "annotation: example.com/cert", "template: {namespace}-{name}", "namespaces: shop", "lease: certsync-blue" })
        {
            Assert.Contains(line, lines);
        }

        Assert.Equal([true, false], new[] { "web-1", "internal-web-2" }.Select(name => options!.Query.Filter.CertificateNames.Single().IsMatch(name)));
        variables["CERT_NAME_FILTER"] = "regex:(";
        Assert.Contains("CERT_NAME_FILTER", (await RunAsync(["sync"], variables)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1/4", null, 1, 4, "certsync-blue-1-of-4")]
    [InlineData("4", "3", 3, 4, "certsync-blue-3-of-4")]
    public async Task A_shard_is_given_or_that_of_an_indexed_Job_and_has_a_Lease_and_a_share_of_the_vault_of_its_own(string shard, string? index, int expected, int count, string lease)
    {
        var variables = new Dictionary<string, string>();
        if (index is not null)
        {
            variables["JOB_COMPLETION_INDEX"] = index;
        }

        var (options, _) = await RunAsync(["sync", "--vault", "vault-main", "--cluster", "Blue", "--shard", shard], variables);

        Assert.Equal((new Shard(expected, count), lease, 75), (options!.Shard, options.LeaseName, options.Vault.ImportLimit));
    }

    [Theory]
    [InlineData("--vualt x", "--vault")]
    [InlineData("--prune everything", "keep, disable or delete")]
    [InlineData("--shard 4", "COUNT alone requires JOB_COMPLETION_INDEX")]
    [InlineData("--vault vault-main=other", "must give each vault its own alias: 'vault-main'")]
    [InlineData("--vault edge=vault-main", "must name each vault once: vault-main.vault.azure.net")]
    public async Task What_is_wrong_is_named_with_what_would_be_right(string arguments, string sentence)
    {
        var (options, error) = await ReadAsync(arguments.Split(' '));

        Assert.Null(options);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost=edge/web", "--endpoint names the vault 'edge'")]
    [InlineData("localhost", "must be HOST[:PORT]=NAME")]
    public async Task An_endpoint_of_no_configured_vault_or_another_form_is_a_setting_to_correct(string endpoint, string sentence) => Assert.Contains(
        sentence,
        (await RunAsync(["verify", "--vault", "vault-main", "--cluster", "blue", "--endpoint", endpoint], new Dictionary<string, string>())).Error,
        StringComparison.Ordinal);

    private static string[] Describe(CertSyncOptions options) =>
    [
        $"vaults: {string.Join(", ", options.Vaults.Select(static vault => vault.Alias))}",
        $"namespaces: {string.Join(", ", options.Query.Filter.IncludeNamespaces.Select(static glob => glob.Pattern))}",
        $"excluded: {string.Join(", ", options.Query.Filter.ExcludeNamespaces.Select(static glob => glob.Pattern))}",
        $"certificates: {string.Join(", ", options.Query.Filter.CertificateNames)}",
        $"selector: {options.Query.LabelSelector}",
        $"annotation: {options.Query.Filter.CertificateAnnotation}",
        $"opaque: {options.Query.IncludeOpaque}",
        $"authorities: {options.Policy.IncludeAuthorities}",
        $"template: {options.Names.Template}",
        $"grants: {string.Join(", ", options.Policy.Grants.Select(static grant => $"{grant.Namespaces.Pattern}={grant.Prefix}"))}",
        $"full: {options.Policy.Full}",
        $"root: {options.Bundle.IncludeRoot}",
        $"strict: {options.Bundle.StrictChain}",
        $"format: {options.Format}",
        $"encryption: {options.Encryption}",
        $"adopt: {options.Policy.Adopt}",
        $"older: {options.Policy.AllowOlder}",
        $"recover: {options.Policy.Recover}",
        $"prune: {options.Policy.Prune}",
        $"limit: {options.Policy.PruneLimit}",
        $"parallel: {options.Parallel}",
        $"lease: {options.LeaseName}",
        $"lease namespace: {options.LeaseNamespace}",
        $"events: {options.Events}",
        $"sign-in: {options.SignIn}",
        $"issuer timeout: {options.IssuerTimeout}",
        $"any challenge: {options.Vault.DisableChallengeVerification}",
        $"retries: {options.Vault.Retries}",
        $"request timeout: {options.Vault.RequestTimeout}",
    ];

    private static Task<(CertSyncOptions? Options, string Error)> ReadAsync(string[] more) =>
        RunAsync(["sync", "--vault", "vault-main", "--cluster", "blue", .. more], new Dictionary<string, string>());

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
