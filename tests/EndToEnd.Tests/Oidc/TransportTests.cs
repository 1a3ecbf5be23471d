using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>The ways to a repository, and what each says when it is closed.</summary>
public sealed class TransportTests : OidcTest
{
    private const string Token = "ghp_sandboxToken0123456789";

    private string Name => Cluster.SiteRepository;

    private string HttpsUrl => $"https://github.com/{Name}.git";

    [Theory]
    [InlineData(SshKeyType.Ed25519)]
    [InlineData(SshKeyType.Ecdsa)]
    [InlineData(SshKeyType.Rsa)]
    public async Task Over_SSH_with_a_deploy_key_and_its_passphrase(SshKeyType type)
    {
        using var key = await SshKeyPair.CreateAsync(type, "a pass phrase");
        Cluster.Ssh.AddDeployKey(key);

        Expect.Done(await PublishToAsync(
            Cluster.Ssh.Url(Name), "--ssh-key", key.PrivateKeyPath, "--known-hosts", Cluster.KnownHostsFile,
            "--ssh-key-passphrase-file", Cluster.Folder.Write("passphrase", "a pass phrase\n")));

        Assert.Equal(1, await CommitsAsync());
        Assert.Equal("", await Cluster.Repository.FsckAsync());
    }

    [Fact]
    public async Task Over_SSH_a_read_only_key_is_told_what_it_lacks()
    {
        using var key = await SshKeyPair.CreateAsync();
        Cluster.Ssh.AddDeployKey(key, GitAccess.ReadOnly);

        Expect.Exit(
            Expect.Usage,
            await PublishToAsync(Cluster.Ssh.Url(Name), "--ssh-key", key.PrivateKeyPath, "--known-hosts", Cluster.KnownHostsFile),
            "may read the repository",
            "but not write to it: allow write access for the deploy key or token");
        Assert.Null(Cluster.Repository.Tip("main"));
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

    [Theory]
    [InlineData("OIDC_TOKEN")]
    [InlineData("GITHUB_TOKEN")]
    public async Task Over_HTTPS_with_a_token_from_the_environment_by_the_reference_s_names(string variable)
    {
        Cluster.Https.AddToken(Token);
        string[] arguments = ["publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--no-verify"];

        Expect.Silent(
            Expect.Done(await RunAsync(arguments, new Dictionary<string, string>
            {
                ["OIDC_ISSUER"] = Cluster.IssuerUrl,
                ["GITHUB_REPOSITORY"] = Name,
                [variable] = Token,
                ["COMMIT_NAME"] = "Release Bot",
                ["COMMIT_EMAIL"] = "bot@example.com",
            })),
            Token);

        Assert.Equal("Release Bot <bot@example.com>", Assert.Single(await Cluster.Repository.LogAsync("main")).Author);
    }

    [Fact]
    public async Task Over_HTTPS_each_refusal_has_its_sentence()
    {
        Cluster.Https.AddToken(Token, GitAccess.ReadOnly);
        var file = Cluster.Folder.Write("token", Token);

        Expect.Exit(Expect.Usage, await PublishToAsync(HttpsUrl, "--token-file", file), "The token may not write to the repository", "grant it that permission");
        Expect.Exit(Expect.Usage, await PublishToAsync(HttpsUrl, "--token-file", Cluster.Folder.Write("other", "ghp_other")), "github.com", "token");
        Expect.Exit(Expect.Usage, await PublishToAsync("https://github.com/example/nothing.git", "--token-file", file, "--site-url", Cluster.IssuerUrl), "There is no repository");

        Cluster.Https.AddToken(Token);
        Cluster.Https.Faults.Next(
            new Fault.Status(403, Body: "remote: This repository was archived so it is read-only.\n", ContentType: "text/plain"),
            when: request => request.QueryString.Value!.Contains("receive-pack", StringComparison.Ordinal));
        Expect.Exit(Expect.Usage, await PublishToAsync(HttpsUrl, "--token-file", file), "is archived and refuses commits: unarchive it, or publish to another one");
        Assert.Null(Cluster.Repository.Tip("main"));
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

    [Theory]
    [InlineData("https://ghp_secret@github.com/example/cluster-a.git", "contains a user or a token")]
    [InlineData("http://github.com/example/cluster-a.git", "protects neither the token nor what is published")]
    [InlineData("nonsense", "has an unknown form")]
    public async Task An_address_that_will_not_do_is_told(string address, string sentence) =>
        Expect.Silent(Expect.Exit(Expect.Usage, await PublishToAsync(address), sentence), "ghp_secret");
}
