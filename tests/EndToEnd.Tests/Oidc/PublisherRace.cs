using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>
/// Two clusters with an issuer and a folder each that publish to one repository at the same time, round after round, each time with a
/// key more. Says at the end whether a commit was lost or made twice, and whether every state of the branch was valid.
/// </summary>
internal sealed class PublisherRace : IAsyncDisposable
{
    private readonly SandboxCluster sandbox;
    private readonly KubeApiServer[] servers;
    private readonly string[] issuers;
    private readonly string[] kubeconfigs;
    private readonly ConcurrentDictionary<(int Publisher, string Kid), bool> announced = new();
    private int published;
    private int failed;

    private PublisherRace(SandboxCluster sandbox, KubeApiServer[] servers, string[] issuers, string[] kubeconfigs) =>
        (this.sandbox, this.servers, this.issuers, this.kubeconfigs) = (sandbox, servers, issuers, kubeconfigs);

    /// <summary>Runs that ended well.</summary>
    public int Published => published;

    /// <summary>Runs that gave up, as faults may make them: a later run does their work.</summary>
    public int Failed => failed;

    /// <summary>The API servers.</summary>
    public IReadOnlyList<KubeApiServer> Servers => servers;

    public static async Task<PublisherRace> StartAsync(SandboxCluster sandbox)
    {
        string[] folders = ["one", "two"];
        var issuers = folders.Select(folder => $"{SandboxCluster.Issuer}/{folder}").ToArray();
        var servers = issuers.Select(issuer => new KubeApiServer(sandbox.Authority, new ApiServerOptions { Issuer = issuer })).ToArray();
        var kubeconfigs = folders.Select(folder => sandbox.Folder.Combine($"{folder}.kubeconfig")).ToArray();
        foreach (var (server, kubeconfig) in servers.Zip(kubeconfigs))
        {
            await server.StartAsync();
            server.State.AddNamespace(SandboxCluster.Namespace);
            server.WriteKubeconfig(kubeconfig, server.IssueToken(SandboxCluster.Namespace, "oidc"), SandboxCluster.Namespace);
        }

        return new PublisherRace(sandbox, servers, issuers, kubeconfigs);
    }

    /// <summary>Lets both publish at once, time after time.</summary>
    /// <param name="rounds">How often; twice as many runs.</param>
    /// <param name="more">More arguments.</param>
    public async Task RunAsync(int rounds, params string[] more)
    {
        for (var round = 0; round < rounds; round++)
        {
            for (var publisher = 0; publisher < servers.Length; publisher++)
            {
                // Elliptic keys are made in no time; the first key, which signs, is RSA.
                announced[(publisher, round == 0 ? servers[publisher].Keys.Signing.KeyId : servers[publisher].Keys.Announce(SigningAlgorithm.ES256).KeyId)] = true;
            }

            await Task.WhenAll(Enumerable.Range(0, servers.Length).Select(publisher => PublishAsync(publisher, more)));
        }
    }

    /// <summary>Does what runs that gave up left undone.</summary>
    public async Task FinishAsync()
    {
        for (var publisher = 0; publisher < servers.Length; publisher++)
        {
            await PublishAsync(publisher, ["--no-verify"]);
        }
    }

    /// <summary>Judges every commit of the branch.</summary>
    public async Task JudgeAsync()
    {
        var repository = sandbox.Repository;
        Assert.Equal("", await repository.FsckAsync());
        var history = (await repository.LogAsync("main")).Reverse().ToArray();
        var seen = new HashSet<(int, string)>();
        for (var i = 0; i < history.Length; i++)
        {
            // One line of history: nothing was forced, nothing merged.
            Assert.Equal(i == 0 ? [] : [history[i - 1].Sha], history[i].Parents);
            var added = await JudgeAsync(repository, history[i].Sha, seen);
            Assert.True(added > 0, $"{history[i].Sha} adds no key: it was made twice.\n{history[i].Message}");
        }

        // Nothing that was served last is missing.
        for (var publisher = 0; publisher < servers.Length; publisher++)
        {
            var (kids, server) = (await KidsAsync(repository, "main", publisher), servers[publisher]);
            Assert.Equal(server.Keys.Published.Select(key => key.KeyId).Order(StringComparer.Ordinal), kids.Order(StringComparer.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task PublishAsync(int publisher, string[] more)
    {
        var output = await sandbox.RunAsync(
            "oidc",
            [
                "publish", "--kubeconfig", kubeconfigs[publisher], "--issuer", issuers[publisher],
                "--repository", sandbox.Ssh.Url(SandboxCluster.RepositoryName), "--branch", "main",
                "--ssh-key", sandbox.DeployKey.PrivateKeyPath, "--known-hosts", sandbox.KnownHostsFile, "--no-status-page", .. more,
            ]);
        Assert.True(output.ExitCode is 0 or Expect.Failed, output.ToString());
        Interlocked.Increment(ref (output.ExitCode == 0 ? ref published : ref failed));
    }

    /// <summary>Holds one state of the branch against what the clusters served up to then.</summary>
    /// <returns>How many keys are new in it.</returns>
    private async Task<int> JudgeAsync(GitRepository repository, string commit, HashSet<(int, string)> seen)
    {
        var added = 0;
        for (var publisher = 0; publisher < servers.Length; publisher++)
        {
            foreach (var kid in await KidsAsync(repository, commit, publisher))
            {
                Assert.True(announced.ContainsKey((publisher, kid)), $"{kid} in {commit} is none of {issuers[publisher]}.");
                added += seen.Add((publisher, kid)) ? 1 : 0;
            }
        }

        return added;
    }

    private async Task<string[]> KidsAsync(GitRepository repository, string commit, int publisher)
    {
        var folder = issuers[publisher][(issuers[publisher].LastIndexOf('/') + 1)..];
        var jwks = await repository.ReadTextAsync(commit, $"{folder}/openid/v1/jwks");
        var discovery = await repository.ReadTextAsync(commit, $"{folder}/.well-known/openid-configuration");
        Assert.Equal(jwks is null, discovery is null);
        if (jwks is null)
        {
            return [];
        }

        Assert.Equal(issuers[publisher], JsonNode.Parse(discovery!)!["issuer"]!.GetValue<string>());
        var keys = JsonNode.Parse(jwks)!["keys"]!.AsArray();
        Assert.All(keys, key => Assert.True(JsonNode.DeepEquals(key, servers[publisher].Keys.Published.Single(own => own.KeyId == (string?)key!["kid"]).ToJwk())));
        return [.. keys.Select(key => key!["kid"]!.GetValue<string>())];
    }
}
