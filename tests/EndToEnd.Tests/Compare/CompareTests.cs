using ClusterTrust.EndToEnd.Tests.Hostile;

namespace ClusterTrust.EndToEnd.Tests.Compare;

/// <summary>
/// oidc beside the CronJob that most people write (<c>publish-curl.sh</c>, <c>publish-kubectl.sh</c>), under the same faults. The rows are
/// the table of docs/why.md. Every row runs with <c>SOAK=1</c> (<c>make compare</c>), otherwise the first one.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class CompareTests
{
    private const string Unchanged = "what was there before";
    private const string Complete = "the new key set";

    /// <summary>A proxy's, in the place of the key set.</summary>
    private const string Page = "<html><body>Sign in</body></html>";

    private static readonly Row[] Rows =
    [
        new("403 with a page of HTML instead of the key set", "**the page**, exit 0", $"{Unchanged}, exit 1", $"{Unchanged}, exit 2"),
        new("200 with a page of HTML (a proxy's sign-in)", "**the page**, exit 0", "**the page**, exit 0", $"{Unchanged}, exit 3"),
        new("A key set that is cut in the middle", "**broken JSON**, exit 0", "**broken JSON**, exit 0", $"{Unchanged}, exit 3"),
        new("The kubeconfig or address of another cluster", "**the other cluster's keys**, exit 0", "**the other cluster's keys**, exit 0", $"{Unchanged}, exit 3"),
        new("Somebody else pushes in the meantime", $"{Unchanged}, exit 1", $"{Unchanged}, exit 1", $"{Complete}, exit 0"),
        new("A key is removed while its tokens are still valid", "**without the key**, exit 0", "**without the key**, exit 0", "with the key for 24 hours, exit 0"),
        new("Killed in the middle", $"{Unchanged}, exit 137", $"{Unchanged}, exit 137", $"{Unchanged}, exit 137"),
    ];

    public static TheoryData<string> Faults => [.. Rows.Take(Soak.Times(1, Rows.Length)).Select(static row => row.Fault)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_ends_up_published_is_what_the_page_says(string fault)
    {
        var row = Rows.Single(row => row.Fault == fault);
        var index = Array.IndexOf(Rows, row);
        Assert.Equal(row, new Row(fault, await RunAsync("curl", index), await RunAsync("kubectl", index), await RunAsync("oidc", index)));
    }

    [Fact]
    public void The_page_has_the_rows() => Repository.AssertPartUpToDate(
        "docs/why.md",
        "| Fault | Shell with `curl` | Shell with `kubectl get --raw` | `oidc` |\n|---|---|---|---|\n"
        + string.Concat(Rows.Select(static row => $"| {row.Fault} | {row.Curl} | {row.Kubectl} | {row.Oidc} |\n")));

    private static async Task<string> RunAsync(string publisher, int fault)
    {
        await using var cluster = await SandboxCluster.StartAsync();
        Expect.Done(await cluster.OidcAsync("publish", "--no-verify"));
        var before = KidsOf(cluster.ApiServer);
        await using var other = new KubeApiServer(cluster.Authority, new ApiServerOptions { Issuer = SandboxCluster.Issuer });
        var server = cluster.ApiServer;
        var kubeconfig = cluster.Kubeconfig("oidc");
        string? gone = null;
        Func<RunningProcess, Task> meanwhile = static _ => Task.CompletedTask;
        switch (fault)
        {
            case 0:
                server.Answer(IsForKeys, 403, Page, "text/html");
                break;
            case 1:
                server.Answer(IsForKeys, 200, Page, "text/html");
                break;
            case 2:
                server.Tamper = static (context, body) => IsForKeys(context.Request) ? body[..200] : body;
                break;
            case 3:
                await other.StartAsync();
                other.State.AddNamespace(SandboxCluster.Namespace);
                kubeconfig = cluster.Folder.Combine("other.kubeconfig");
                other.WriteKubeconfig(kubeconfig, other.IssueToken(SandboxCluster.Namespace, "oidc"), SandboxCluster.Namespace);
                server = other;
                break;
            case 4:
                server.Keys.Announce();
                meanwhile = BeforeThePush(cluster, publisher, _ => cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["theirs.txt"] = "x" }));
                break;
            case 5:
                gone = server.Keys.Signing.KeyId;
                var old = server.Keys.Signing;
                server.Keys.Rotate();
                cluster.RenewTokens();
                Expect.Done(await cluster.OidcAsync("publish", "--no-verify"));
                server.Keys.Drop(old);
                break;
            default:
                server.Keys.Announce();
                meanwhile = BeforeThePush(cluster, publisher, static run =>
                {
                    run.Signal(UnixSignal.Kill);
                    return Task.CompletedTask;
                });
                break;
        }

        await using var runner = publisher == "oidc" ? cluster.Job(publisher) : new BinaryRunner("/bin/sh");
        var run = runner.Start(Arguments(cluster, publisher, kubeconfig), publisher == "oidc" ? null : EnvironmentOf(cluster, server));
        await meanwhile(run);
        var output = await run.WaitAsync();
        await cluster.Ssh.IdleAsync();
        var jwks = await cluster.Repository.ReadTextAsync("main", "openid/v1/jwks") ?? "";
        return $"{Describe(jwks, before, KidsOf(cluster.ApiServer), KidsOf(other), gone)}, exit {output.ExitCode}";
    }

    /// <summary>
    /// Prepares for something to happen when the repository has been read and nothing has been pushed. The scripts read it before they ask
    /// the API server, which is held there; oidc afterwards, and is held when it begins to push.
    /// </summary>
    private static Func<RunningProcess, Task> BeforeThePush(SandboxCluster cluster, string publisher, Func<RunningProcess, Task> happens)
    {
        if (publisher == "oidc")
        {
            var pushes = PushesTo(cluster);
            cluster.Ssh.HoldPushes();
            return async run =>
            {
                while (PushesTo(cluster) == pushes && !run.HasExited)
                {
                    await Task.Delay(20);
                }

                await happens(run);
                cluster.Ssh.ReleasePushes();
            };
        }

        var (reached, done) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.ApiServer.OnRequest = context => IsForKeys(context.Request) && reached.TrySetResult() ? done.Task : Task.CompletedTask;
        return async run =>
        {
            await Task.WhenAny(reached.Task, run.WaitAsync());
            await happens(run);
            done.SetResult();
        };
    }

    private static bool IsForKeys(HttpRequest request) => request.Path == IssuerEndpoint.JwksPath;

    private static int PushesTo(SandboxCluster cluster) => cluster.Ssh.Sessions.Count(static session => session.Service == "git-receive-pack");

    private static Dictionary<string, string> EnvironmentOf(SandboxCluster cluster, KubeApiServer server) => new()
    {
        ["REPOSITORY"] = cluster.Ssh.Url(SandboxCluster.RepositoryName),
        ["GIT_SSH_COMMAND"] = $"ssh -i {cluster.DeployKey.PrivateKeyPath} -o IdentitiesOnly=yes -o UserKnownHostsFile={cluster.KnownHostsFile}",
        ["GIT_AUTHOR_NAME"] = "publisher",
        ["GIT_AUTHOR_EMAIL"] = "publisher@example.com",
        ["GIT_COMMITTER_NAME"] = "publisher",
        ["GIT_COMMITTER_EMAIL"] = "publisher@example.com",
        ["CA_FILE"] = cluster.CaFile,
        ["API_SERVER"] = server.LoopbackAddress.ToString().TrimEnd('/'),
        ["TOKEN_FILE"] = cluster.Folder.Write("publisher.token", server.IssueToken(SandboxCluster.Namespace, "oidc")),
    };

    private static string[] Arguments(SandboxCluster cluster, string publisher, string kubeconfig) => publisher == "oidc"
        ? ["publish", .. cluster.OidcArguments().Select(argument => argument == cluster.Kubeconfig("oidc") ? kubeconfig : argument), "--no-verify"]
        :
        [
            "-c", "KUBECONFIG=$1 PATH=$2:$PATH exec /bin/sh \"$3\"", "sh", kubeconfig, Path.Combine(Repository.Root, "artifacts", "tools", "bin"),
            Path.Combine(Repository.Root, "tests", "EndToEnd.Tests", "Compare", $"publish-{publisher}.sh"),
        ];

    private static HashSet<string> KidsOf(KubeApiServer server) => [.. server.Keys.Published.Select(static key => key.KeyId)];

    /// <summary>The result for a key set on the branch, as the page states it.</summary>
    private static string Describe(string jwks, HashSet<string> before, HashSet<string> now, HashSet<string> others, string? gone)
    {
        if (!jwks.TrimEnd().EndsWith('}'))
        {
            return jwks.StartsWith('<') ? "**the page**" : "**broken JSON**";
        }

        var keys = JsonNode.Parse(jwks)!["keys"]!.AsArray().Select(static key => (string)key!["kid"]!).ToHashSet();
        return keys.SetEquals(others) ? "**the other cluster's keys**"
            : gone is not null ? keys.Contains(gone) ? "with the key for 24 hours" : "**without the key**"
            : keys.SetEquals(before) ? Unchanged
            : keys.SetEquals(now) ? Complete
            : $"unexpected: {string.Join(", ", keys)}";
    }

    private sealed record Row(string Fault, string Curl, string Kubectl, string Oidc);
}
