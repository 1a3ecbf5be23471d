namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>A server that sends a job elsewhere has it connect to nobody there. Redirects of GitHub's API are held by <c>HostileAnswersTests</c>.</summary>
[Trait("ApiServer", "own")]
public sealed class RedirectTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private const string Elsewhere = "evil.example";

    private static readonly (string Server, int ExitCode)[] Servers =
    [
        ("oidc: API server", 3), ("certsync: API server", 1), ("certsync: Key Vault", 1), ("certsync: Entra ID", 1),
        ("oidc: Git over HTTPS", 2), ("oidc: Pages", 1),
    ];

    private readonly SandboxCluster _cluster = fixture.Cluster;

    /// <summary>Every code for every server with <c>SOAK=1</c>; else each server with one of them, since each client judges all codes alike.</summary>
    public static TheoryData<string, int, int> Redirects
    {
        get
        {
            int[] codes = [301, 302, 303, 307, 308];
            var rows = new TheoryData<string, int, int>();
            foreach (var (index, (server, exitCode)) in Servers.Index())
            {
                foreach (var code in Soak.IsOn ? codes : [codes[index % codes.Length]])
                {
                    rows.Add(server, code, exitCode);
                }
            }

            return rows;
        }
    }

    public Task InitializeAsync()
    {
        // Both jobs have something to write, so that they ask every server.
        _cluster.Certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
        _cluster.ApiServer.Keys.Announce(SigningAlgorithm.ES256);
        _cluster.Proxy.ForgetRequests();
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        _cluster.Behave();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task A_redirect_to_another_host_takes_no_credential_there(string server, int code, int exitCode)
    {
        string[] publish =
        [
            "publish", "--kubeconfig", _cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify",
            "--token-file", _cluster.Folder.Write("redirect-token", "ghp_sandboxToken0123456789"), "--repository", $"https://github.com/{SandboxCluster.RepositoryName}.git",
        ];
        string[] sync = ["sync", .. _cluster.CertSyncArguments()];
        var (hijacked, arguments) = server switch
        {
            "oidc: API server" => (_cluster.ApiServer, ["publish", .. _cluster.OidcArguments()]),
            "certsync: API server" => (_cluster.ApiServer, sync),
            "certsync: Key Vault" => (_cluster.KeyVault, sync),
            "certsync: Entra ID" => (_cluster.Entra, sync),
            "oidc: Git over HTTPS" => (_cluster.Https, publish),
            _ => ((SandboxServer)_cluster.Pages, (string[])["verify", .. _cluster.OidcArguments("verify")]),
        };
        // Key Vault's challenge first, so that the redirected request is one with a token.
        hijacked.Answer(request => hijacked != _cluster.KeyVault || request.Headers.Authorization.Count > 0, code, "{}", location: $"https://{Elsewhere}/elsewhere");

        var output = await Confined.RunAsync(_cluster, server.Split(':')[0], arguments);

        Expect.Silent(Expect.Exit(exitCode, output), "unexpected");
        Assert.DoesNotContain(Elsewhere, _cluster.Proxy.HostsAsked);
    }
}
