using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.BadInput;

/// <summary>What a user can get wrong about certsync: one sentence, the right exit code, nothing half-written.</summary>
[Trait("ApiServer", "own")]
public sealed class CertSyncBadInputTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private readonly SandboxCluster cluster = fixture.Cluster;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Assert.Empty(cluster.Vault.Certificates);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_API_server_that_does_not_listen_is_named()
    {
        var file = cluster.Folder.Write("down.kubeconfig", (await File.ReadAllTextAsync(cluster.Kubeconfig("certsync")))
            .Replace($":{cluster.ApiServer.Port}", ":1", StringComparison.Ordinal));

        Assert.Contains("127.0.0.1:1", Logs.AssertOneSentence(await RunAsync(("--kubeconfig", file)), 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_token_is_told_so()
    {
        var file = cluster.Folder.Combine("expired.kubeconfig");
        cluster.ApiServer.WriteKubeconfig(file, cluster.ApiServer.IssueToken(SandboxCluster.Namespace, "certsync", null, TimeSpan.FromHours(-1)));

        Assert.Contains("401", Logs.AssertOneSentence(await RunAsync(("--kubeconfig", file)), 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_CA_is_not_trusted()
    {
        using var other = new CertificateAuthority("another CA");
        var file = cluster.Folder.Write("other-ca.kubeconfig", (await File.ReadAllTextAsync(cluster.Kubeconfig("certsync")))
            .Replace(
                Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(cluster.Authority.CertificatePem)),
                Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(other.CertificatePem)),
                StringComparison.Ordinal));

        Assert.Contains("CA", Logs.AssertOneSentence(await RunAsync(("--kubeconfig", file)), 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_federated_token_is_named()
    {
        var run = await RunAsync([], new() { ["AZURE_FEDERATED_TOKEN_FILE"] = "/nowhere/token" });

        Assert.Contains("/nowhere/token", Logs.AssertOneSentence(run, 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_whose_name_does_not_resolve_is_named()
    {
        var run = await RunAsync([("--vault", "no-such-vault")], more: ["--retries", "1"]);

        Assert.Contains("no-such-vault", Logs.AssertOneSentence(run, run.ExitCode), StringComparison.Ordinal);
        Assert.InRange(run.ExitCode, 1, 2);
    }

    [Fact]
    public async Task A_ServiceAccount_without_rights_learns_which_rule_is_missing()
    {
        var file = cluster.Folder.Combine("nobody.kubeconfig");
        cluster.ApiServer.WriteKubeconfig(file, cluster.ApiServer.IssueToken("default", "nobody"), SandboxCluster.Namespace);

        var sentence = Logs.AssertOneSentence(await RunAsync([("--kubeconfig", file)], more: ["--no-lease"]), 2);

        Assert.Contains("secrets", sentence, StringComparison.Ordinal);
        Assert.Contains("list", sentence, StringComparison.Ordinal);
        Assert.Contains("nobody", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--vualt", "--vault")]
    [InlineData("--prune=everything", "keep, disable or delete")]
    public async Task A_wrong_flag_or_value_says_what_would_be_right(string flag, string hint)
    {
        var run = await RunAsync([], more: [flag]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(hint, string.Join('\n', Logs.Messages(run, "error")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_environment_variable_is_named()
    {
        var run = await RunAsync([], new() { ["CERTSYNC_PARALLEL"] = "many" });

        Assert.Contains("CERTSYNC_PARALLEL", Logs.AssertOneSentence(run, 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbose_shows_the_stack_trace()
    {
        var file = cluster.Folder.Write("down2.kubeconfig", (await File.ReadAllTextAsync(cluster.Kubeconfig("certsync")))
            .Replace($":{cluster.ApiServer.Port}", ":1", StringComparison.Ordinal));

        var run = await RunAsync([("--kubeconfig", file)], more: ["--verbose"]);

        Assert.Contains("   at ", run.StandardError.Replace("\\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private Task<Output> RunAsync(params (string Flag, string Value)[] changes) => RunAsync(changes, null);

    private async Task<Output> RunAsync((string Flag, string Value)[] changes, Dictionary<string, string>? environment = null, string[]? more = null)
    {
        var arguments = cluster.CertSyncArguments();
        foreach (var (flag, value) in changes)
        {
            arguments[Array.IndexOf(arguments, flag) + 1] = value;
        }

        await using var job = cluster.Job("certsync");
        return await job.RunAsync(["sync", .. arguments, .. more ?? []], environment, TimeSpan.FromMinutes(10));
    }
}
