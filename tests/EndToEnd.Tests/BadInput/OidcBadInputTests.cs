using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.BadInput;

/// <summary>What a user can get wrong about oidc: one sentence, the right exit code, nothing half-written.</summary>
[Trait("ApiServer", "own")]
public sealed class OidcBadInputTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private readonly SandboxCluster cluster = fixture.Cluster;
    private string? tip;

    public Task InitializeAsync()
    {
        tip = cluster.Repository.Tip("main");
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Assert.Equal(tip, cluster.Repository.Tip("main"));
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_host_key_that_is_not_the_known_one_is_refused()
    {
        using var other = await SshKeyPair.CreateAsync(SshKeyType.Ed25519);
        var file = cluster.Folder.Write("other_known_hosts", $"[127.0.0.1]:{cluster.Ssh.Port} {other.PublicKeyWithoutComment}\n");

        var sentence = Logs.AssertOneSentence(await RunAsync(("--known-hosts", file)), 3);

        Assert.Contains("host key", sentence, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("127.0.0.1", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_host_is_refused_and_the_file_named()
    {
        var file = cluster.Folder.Write("empty_known_hosts", "");

        Assert.Contains(file, Logs.AssertOneSentence(await RunAsync(("--known-hosts", file)), 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_deploy_key_is_told_so()
    {
        using var key = await SshKeyPair.CreateAsync(SshKeyType.Ed25519);
        cluster.Ssh.AddDeployKey(key, GitAccess.ReadOnly);

        var sentence = Logs.AssertOneSentence(await RunAsync(("--ssh-key", key.PrivateKeyPath)), 2);

        Assert.Contains("read", sentence, StringComparison.Ordinal);
        Assert.Contains("write", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_the_server_does_not_know_is_told_so()
    {
        using var key = await SshKeyPair.CreateAsync(SshKeyType.Ecdsa);

        Assert.Contains("deploy key", Logs.AssertOneSentence(await RunAsync(("--ssh-key", key.PrivateKeyPath)), 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_does_not_exist_is_told_so() =>
        Logs.AssertOneSentence(await RunAsync(("--repository", cluster.Ssh.Url("example/nowhere"))), 2);

    [Fact]
    public async Task A_branch_that_does_not_exist_is_told_with_those_that_do() =>
        Assert.Contains("main", Logs.AssertOneSentence(await RunAsync(("--branch", "gh-pages")), 2), StringComparison.Ordinal);

    [Fact]
    public async Task An_issuer_with_a_trailing_slash_is_refused_and_explained() =>
        Assert.Contains("trailing slash", Logs.AssertOneSentence(await RunAsync(("--issuer", SandboxCluster.Issuer + "/")), 3), StringComparison.Ordinal);

    [Fact]
    public async Task An_unreachable_Git_server_fails_and_may_be_tried_again()
    {
        var sentence = Logs.AssertOneSentence(await RunAsync(("--repository", "ssh://git@127.0.0.1:1/example/cluster-a.git")), 1);

        Assert.Contains("127.0.0.1", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_faults_of_the_settings_are_told_at_once()
    {
        await using var job = cluster.Job("oidc");
        var run = await job.RunAsync(
            ["publish", "--issuer", "http://insecure.example.com", "--repository", ":::", "--retain-removed-keys", "a while"],
            new Dictionary<string, string> { ["OIDC_VERIFY_TIMEOUT"] = "soon" });

        Assert.Equal(2, run.ExitCode);
        var faults = string.Join('\n', Logs.Messages(run, "error"));
        Assert.Contains("--issuer", faults, StringComparison.Ordinal);
        Assert.Contains("--repository", faults, StringComparison.Ordinal);
        Assert.Contains("--retain-removed-keys", faults, StringComparison.Ordinal);
        Assert.Contains("OIDC_VERIFY_TIMEOUT", faults, StringComparison.Ordinal);
    }

    private async Task<Output> RunAsync(params (string Flag, string Value)[] changes)
    {
        var arguments = cluster.OidcArguments();
        foreach (var (flag, value) in changes)
        {
            arguments[Array.IndexOf(arguments, flag) + 1] = value;
        }

        await using var job = cluster.Job("oidc");
        return await job.RunAsync(["publish", .. arguments], timeout: TimeSpan.FromMinutes(10));
    }
}
