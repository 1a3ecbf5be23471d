using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Sandbox.Soaking;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>A server that sends a job elsewhere gets no credential sent there.</summary>
[Trait("ApiServer", "own")]
public sealed class RedirectTests(PublishedFixture fixture) : IClassFixture<PublishedFixture>, IAsyncLifetime
{
    private const string GitHubToken = "ghp_sandboxToken0123456789";
    private const string Elsewhere = $"https://{Stranger.Host}/elsewhere";

    private readonly SandboxCluster cluster = fixture.Cluster;
    private Stranger stranger = null!;

    /// <summary>Every code for every server with <c>SOAK=1</c>; else each server with one of them, since each client judges all codes alike.</summary>
    public static TheoryData<string, int, int> Redirects
    {
        get
        {
            int[] codes = [301, 302, 303, 307, 308];
            var rows = new TheoryData<string, int, int>();
            foreach (var (index, (server, exitCode)) in new[]
            {
                ("oidc: API server", 3), ("certsync: API server", 1), ("certsync: Key Vault", 1), ("certsync: Entra ID", 1),
                ("oidc: GitHub's API", 3), ("oidc: Git over HTTPS", 2), ("oidc: Pages", 1),
            }.Index())
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
        stranger = await Stranger.BeginAsync(cluster.Authority);
        cluster.Routes.Add(Stranger.Host, stranger);
        cluster.Proxy.ForgetRequests();
    }

    public async Task DisposeAsync()
    {
        foreach (var server in new SandboxServer[] { cluster.ApiServer, cluster.KeyVault, cluster.Entra, cluster.Https, cluster.Pages })
        {
            server.Behave();
        }

        cluster.Routes.Remove(Stranger.Host);
        cluster.Routes.Remove("api.github.com");
        await stranger.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task A_redirect_to_another_host_takes_no_credential_there(string server, int code, int exitCode)
    {
        await using var github = new Stand(cluster.Authority, "api.github.com");
        await github.StartAsync();
        cluster.Routes.Add("api.github.com", github);
        string[] toGitHub =
        [
            "publish", "--kubeconfig", cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify", "--token-file", cluster.Folder.Write("redirect-token", GitHubToken), "--repository",
        ];
        var (hijacked, job, arguments) = server switch
        {
            "oidc: API server" => (cluster.ApiServer, "oidc", ["publish", .. cluster.OidcArguments()]),
            "certsync: API server" => (cluster.ApiServer, "certsync", ["sync", .. cluster.CertSyncArguments()]),
            "certsync: Key Vault" => (cluster.KeyVault, "certsync", ["sync", .. cluster.CertSyncArguments()]),
            "certsync: Entra ID" => (cluster.Entra, "certsync", ["sync", .. cluster.CertSyncArguments()]),
            "oidc: GitHub's API" => (github, "oidc", [.. toGitHub, SandboxCluster.RepositoryName, "--api", "github"]),
            "oidc: Git over HTTPS" => (cluster.Https, "oidc", [.. toGitHub, $"https://github.com/{SandboxCluster.RepositoryName}.git"]),
            _ => ((SandboxServer)cluster.Pages, "oidc", (string[])["verify", .. cluster.OidcArguments("verify")]),
        };
        // Key Vault's challenge first, so that the redirected request is one with a token.
        hijacked.Answer(request => hijacked != cluster.KeyVault || request.Headers.Authorization.Count > 0, code, "{}", Elsewhere);

        var output = await Confined.AnswerAsync(cluster, job, arguments);

        Assert.True(output.ExitCode == exitCode, output.ToString());
        Assert.DoesNotContain("unexpected", output.StandardError, StringComparison.Ordinal);
        AssertNothingWasSent();
    }

    private void AssertNothingWasSent()
    {
        Assert.Empty(stranger.Seen);
        Assert.DoesNotContain(Stranger.Host, cluster.Proxy.HostsAsked);
    }

    /// <summary>A server that has nothing of its own to say.</summary>
    private sealed class Stand(CertificateAuthority authority, string name) : SandboxServer(authority, name)
    {
        protected override Task HandleAsync(Microsoft.AspNetCore.Http.HttpContext context) => Task.CompletedTask;
    }
}
