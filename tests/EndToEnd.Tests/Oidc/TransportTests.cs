using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>The ways to a repository, and what each says when it is closed.</summary>
public sealed class TransportTests : OidcTest
{
    private const string Token = "ghp_sandboxToken0123456789";

    private string Name => Cluster.SiteRepository;

    private string HttpsUrl => $"https://github.com/{Name}.git";

    [Fact]
    public async Task Over_SSH_with_a_deploy_key_and_its_passphrase()
    {
        using var key = await SshKeyPair.CreateAsync(SshKeyType.Ed25519, "a pass phrase");
        Cluster.Ssh.AddDeployKey(key);

        Expect.Done(await PublishToAsync(
            Cluster.Ssh.Url(Name), "--ssh-key", key.PrivateKeyPath, "--known-hosts", Cluster.KnownHostsFile,
            "--ssh-key-passphrase-file", Cluster.Folder.Write("passphrase", "a pass phrase\n")));

        Assert.Equal(1, await CommitsAsync());
        Assert.Equal("", await Cluster.Repository.FsckAsync());
    }

    [Fact]
    public async Task Over_SSH_an_impostor_gets_nothing()
    {
        await Cluster.Ssh.RotateHostKeysAsync();

        var output = await PublishAsync();

        Assert.True(output.ExitCode is Expect.Usage or Expect.Refused, output.ToString());
        Assert.Contains("host key", output.StandardError, StringComparison.Ordinal);
        Assert.Empty(Cluster.Ssh.Sessions);
    }

    [Fact]
    public async Task Over_HTTPS_with_a_token_from_a_file()
    {
        Cluster.Https.AddToken(Token);

        Expect.Silent(Expect.Done(await PublishToAsync(HttpsUrl, "--token-file", Cluster.Folder.Write("token", Token + "\n"), "--verbose")), Token);

        Assert.Equal(1, await CommitsAsync());
        Assert.Equal(["github.com"], Cluster.Proxy.HostsAsked);
    }

    [Fact]
    public async Task Over_HTTPS_with_a_token_from_the_environment_by_the_reference_s_names()
    {
        Cluster.Https.AddToken(Token);
        string[] arguments = ["publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--no-verify"];

        Expect.Silent(
            Expect.Done(await RunAsync(arguments, new Dictionary<string, string>
            {
                ["OIDC_ISSUER"] = Cluster.IssuerUrl,
                ["GITHUB_REPOSITORY"] = Name,
                ["GITHUB_TOKEN"] = Token,
                ["COMMIT_NAME"] = "Release Bot",
                ["COMMIT_EMAIL"] = "bot@example.com",
            })),
            Token);

        Assert.Equal("Release Bot <bot@example.com>", Assert.Single(await Cluster.Repository.LogAsync("main")).Author);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task In_the_file_system_by_a_URL_and_by_a_path()
    {
        Expect.Done(await PublishToAsync($"file://{Cluster.Repository.Path}"));
        Assert.Equal(1, await CommitsAsync());

        Expect.Done(await PublishToAsync(Cluster.Repository.Path), "nothing to publish");
        Cluster.ApiServer.Keys.Announce();
        Expect.Done(await PublishToAsync(Cluster.Repository.Path));
        Assert.Equal(2, await CommitsAsync());
        Assert.Contains(DiscoveryPath, (await Cluster.Repository.TreeAsync("main")).Select(entry => entry.Path));
    }
}
