using System.Collections.Concurrent;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Sandbox.Soaking;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>A server that sends a job elsewhere gets no credential sent there.</summary>
[Trait("ApiServer", "own")]
public sealed class RedirectTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private const string GitHubApi = "api.github.com";
    private const string Elsewhere = "evil.example";

    private static readonly (string Server, int ExitCode)[] Servers =
    [
        ("oidc: API server", 3), ("certsync: API server", 1), ("certsync: Key Vault", 1), ("certsync: Entra ID", 1),
        ("oidc: GitHub's API", 3), ("oidc: Git over HTTPS", 2), ("oidc: Pages", 1),
    ];

    private readonly SandboxCluster cluster = fixture.Cluster;
    private Stand elsewhere = null!;
    private Stand github = null!;

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

    public async Task InitializeAsync()
    {
        // Both jobs have something to write, so that they ask every server.
        cluster.Certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
        cluster.ApiServer.Keys.Announce(SigningAlgorithm.ES256);
        elsewhere = await StartAsync(Elsewhere);
        github = await StartAsync(GitHubApi);
        cluster.Proxy.ForgetRequests();
    }

    public async Task DisposeAsync()
    {
        cluster.Behave();
        cluster.Routes.Remove(Elsewhere);
        cluster.Routes.Remove(GitHubApi);
        await elsewhere.DisposeAsync();
        await github.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task A_redirect_to_another_host_takes_no_credential_there(string server, int code, int exitCode)
    {
        string[] publish =
        [
            "publish", "--kubeconfig", cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify",
            "--token-file", cluster.Folder.Write("redirect-token", "ghp_sandboxToken0123456789"), "--repository",
        ];
        string[] sync = ["sync", .. cluster.CertSyncArguments()];
        var (hijacked, arguments) = server switch
        {
            "oidc: API server" => (cluster.ApiServer, ["publish", .. cluster.OidcArguments()]),
            "certsync: API server" => (cluster.ApiServer, sync),
            "certsync: Key Vault" => (cluster.KeyVault, sync),
            "certsync: Entra ID" => (cluster.Entra, sync),
            "oidc: GitHub's API" => (github, [.. publish, SandboxCluster.RepositoryName, "--api", "github"]),
            "oidc: Git over HTTPS" => (cluster.Https, [.. publish, $"https://github.com/{SandboxCluster.RepositoryName}.git"]),
            _ => ((SandboxServer)cluster.Pages, (string[])["verify", .. cluster.OidcArguments("verify")]),
        };
        // Key Vault's challenge first, so that the redirected request is one with a token.
        hijacked.Answer(request => hijacked != cluster.KeyVault || request.Headers.Authorization.Count > 0, code, "{}", location: $"https://{Elsewhere}/elsewhere");

        var output = await Confined.RunAsync(cluster, server.Split(':')[0], arguments);

        Expect.Silent(Expect.Exit(exitCode, output), "unexpected");
        Assert.Empty(elsewhere.Seen);
        Assert.DoesNotContain(Elsewhere, cluster.Proxy.HostsAsked);
    }

    private async Task<Stand> StartAsync(string host)
    {
        var stand = new Stand(cluster.Authority, host);
        await stand.StartAsync();
        cluster.Routes.Add(host, stand);
        return stand;
    }

    /// <summary>A server that keeps what it is asked, and answers as if it were what was expected.</summary>
    private sealed class Stand(CertificateAuthority authority, string name) : SandboxServer(authority, name)
    {
        public ConcurrentQueue<string> Seen { get; } = new();

        protected override Task HandleAsync(HttpContext context)
        {
            Seen.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"value":[],"items":[],"keys":[]}""");
        }
    }
}
