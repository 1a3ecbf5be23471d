namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>
/// Two clusters with an issuer and a folder each publish to one repository at the same time, round after round, each time with a key more,
/// while 5 % of everything fails. 10 runs always; 200 with <c>SOAK=1</c>.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class SoakTests(ITestOutputHelper output) : SandboxTest
{
    private const double Share = 0.05;

    [Fact]
    public async Task Under_faults_no_commit_is_lost_or_made_twice_and_the_documents_are_always_valid()
    {
        var rounds = Soak.Times(5, 100);
        await using var one = await Publisher.StartAsync(Cluster, "one");
        await using var two = await Publisher.StartAsync(Cluster, "two");
        Publisher[] publishers = [one, two];
        var seed = 20;
        foreach (var server in new SandboxServer[] { one.Server, two.Server, Cluster.Pages })
        {
            server.Faults.Rate(Share, seed++, new Fault.Reset(), Fault.Unavailable(), new Fault.Status(500), new Fault.Truncate());
        }

        Cluster.Proxy.Faults.Rate(Share, seed++, new ConnectionFault.Reset());
        Cluster.Ssh.Faults.Rate(
            Share, seed, new ConnectionFault.Reset(), new ConnectionFault.CutReceiving(3000), new ConnectionFault.CutSending(2000), new ConnectionFault.CutReceiving(4500));

        var failed = 0;
        for (var round = 0; round < rounds; round++)
        {
            // The look from outside is short here: what it waits for is another test's matter. A later run does the work of one that fails.
            failed += (await Task.WhenAll(publishers.Select(static publisher => publisher.RunAsync("--verify-timeout", "1s")))).Sum();
            foreach (var publisher in publishers)
            {
                // Elliptic keys are made in no time; the first key, which signs, is RSA.
                publisher.Server.Keys.Announce(SigningAlgorithm.ES256);
            }
        }

        Tally.Add("runs of oidc under faults", 2 * rounds);
        output.WriteLine($"{2 * rounds} runs, {failed} failed; {Cluster.Ssh.Connections} SSH connections.");
        Assert.True(failed <= rounds / 5, $"{failed} of {2 * rounds} runs failed.");
        Cluster.Ssh.Faults.Clear();
        foreach (var publisher in publishers)
        {
            publisher.Server.Faults.Clear();
            Assert.Equal(0, await publisher.RunAsync("--no-verify"));
        }

        await JudgeAsync(publishers);
    }

    /// <summary>Every commit of the branch is valid, and adds a key; at the end nothing is missing.</summary>
    private async Task JudgeAsync(Publisher[] publishers)
    {
        Assert.Equal("", await Cluster.Repository.FsckAsync());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string[] parents = [];
        foreach (var commit in (await Cluster.Repository.LogAsync("main")).Reverse())
        {
            // One line of history: nothing was forced, nothing merged.
            Assert.Equal(parents, commit.Parents);
            parents = [commit.Sha];
            var before = seen.Count;
            seen.UnionWith(await publishers[0].KidsAsync(commit.Sha));
            seen.UnionWith(await publishers[1].KidsAsync(commit.Sha));
            Assert.True(seen.Count > before, $"{commit.Sha} adds no key: it was made twice.\n{commit.Message}");
        }

        foreach (var publisher in publishers)
        {
            Assert.Equal(
                publisher.Server.Keys.Published.Select(static key => key.KeyId).Order(StringComparer.Ordinal), (await publisher.KidsAsync("main")).Order(StringComparer.Ordinal));
        }
    }

    /// <summary>A cluster whose issuer has a folder of its own in the repository.</summary>
    private sealed record Publisher(SandboxCluster Sandbox, KubeApiServer Server, string Folder, string Kubeconfig) : IAsyncDisposable
    {
        private string Issuer => $"{SandboxCluster.Issuer}/{Folder}";

        public static async Task<Publisher> StartAsync(SandboxCluster sandbox, string folder)
        {
            var publisher = new Publisher(
                sandbox, new KubeApiServer(sandbox.Authority, new ApiServerOptions { Issuer = $"{SandboxCluster.Issuer}/{folder}" }), folder, sandbox.Folder.Combine($"{folder}.kubeconfig"));
            await publisher.Server.StartAsync();
            publisher.Server.State.AddNamespace(SandboxCluster.Namespace);
            publisher.Server.WriteKubeconfig(publisher.Kubeconfig, publisher.Server.IssueToken(SandboxCluster.Namespace, "oidc"), SandboxCluster.Namespace);
            return publisher;
        }

        /// <returns>The exit code: 0, or 1 for a run that failed.</returns>
        public async Task<int> RunAsync(params string[] more)
        {
            var run = await Sandbox.OidcAsync("publish", ["--kubeconfig", Kubeconfig, "--issuer", Issuer, "--no-status-page", .. more]);
            Assert.True(run.ExitCode is 0 or Expect.Failed, run.ToString());
            return run.ExitCode;
        }

        /// <summary>The key IDs that a commit publishes, whose keys must be this cluster's.</summary>
        public async Task<string[]> KidsAsync(string commit)
        {
            var jwks = await Sandbox.Repository.ReadTextAsync(commit, $"{Folder}/openid/v1/jwks");
            var discovery = await Sandbox.Repository.ReadTextAsync(commit, $"{Folder}/.well-known/openid-configuration");
            Assert.Equal(jwks is null, discovery is null);
            if (jwks is null)
            {
                return [];
            }

            Assert.Equal(Issuer, (string?)JsonNode.Parse(discovery!)!["issuer"]);
            var keys = JsonNode.Parse(jwks)!["keys"]!.AsArray();
            Assert.All(keys, key => Assert.True(JsonNode.DeepEquals(key, Server.Keys.Published.Single(own => own.KeyId == (string?)key!["kid"]).ToJwk())));
            return [.. keys.Select(static key => (string)key!["kid"]!)];
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
