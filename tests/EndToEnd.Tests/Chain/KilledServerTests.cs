using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.EndToEnd.Tests.Chain;

/// <summary>A server that dies in the middle of a run ends the job with exit code 1 and a clear message; afterwards one run makes all right.</summary>
[Trait("ApiServer", "own")]
public sealed class KilledServerTests : IAsyncLifetime
{
    private SandboxCluster cluster = null!;
    private Task stopped = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync();
        for (var i = 0; i < 12; i++)
        {
            cluster.Certificates.Issue(new CertificateSpec("shop", $"web-{i}"));
        }
    }

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task The_API_server_dies_while_Secrets_are_read()
    {
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        await KilledAsync(cluster.ApiServer, request => request.Path.Value!.Contains("/secrets/", StringComparison.Ordinal), 3, "127.0.0.1");
    }

    [Fact]
    public async Task Key_Vault_dies_while_certificates_are_imported()
    {
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        await KilledAsync(cluster.KeyVault, request => request.Path.Value!.EndsWith("/import", StringComparison.Ordinal), 3, "sandbox-vault");
    }

    [Fact]
    public async Task Entra_ID_dies_before_a_token_is_issued()
    {
        // MSAL remembers for the whole process what Entra ID answered.
        cluster.JobsAreProcesses = true;
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        await KilledAsync(cluster.Entra, request => request.Path.Value!.EndsWith("/token", StringComparison.Ordinal), 1, "login.microsoftonline.com");
    }

    [Fact]
    public async Task Pages_dies_before_Entra_ID_has_read_the_issuer()
    {
        cluster.JobsAreProcesses = true;
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        await KilledAsync(cluster.Pages, static _ => true, 1, "oidc verify");
    }

    [Fact]
    public async Task The_API_server_dies_between_the_two_documents()
    {
        Kill(cluster.ApiServer, request => request.Path.Value!.EndsWith("/jwks", StringComparison.Ordinal), 1);

        Logs.AssertOneSentence(await cluster.OidcAsync("publish", "--retries", "2"), 1);

        Assert.Null(cluster.Repository.Tip("main"));
        await RestartAsync(cluster.ApiServer);
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
    }

    [Fact]
    public async Task Git_dies_while_the_commit_is_pushed()
    {
        cluster.Ssh.Faults.Next(new Sandbox.Proxy.ConnectionFault.CutSending(3000), 10);

        Logs.AssertOneSentence(await cluster.OidcAsync("publish"), 1);

        cluster.Ssh.Faults.Clear();
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        Assert.Equal("", await cluster.Repository.FsckAsync());
        Assert.Single(await cluster.Repository.LogAsync("main"));
    }

    private async Task KilledAsync(SandboxServer server, Func<HttpRequest, bool> when, int after, string named)
    {
        Kill(server, when, after);

        var run = await cluster.CertSyncAsync("sync", "--retries", "2");

        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.DoesNotContain("   at ", run.StandardError, StringComparison.Ordinal);
        Assert.Contains(Logs.Messages(run, "error"), message => message.Contains(named, StringComparison.Ordinal));
        await RestartAsync(server);
        var next = await cluster.CertSyncAsync("sync");
        Assert.True(next.ExitCode == 0, next.ToString());
        Assert.Equal(12, cluster.Vault.Certificates.Count);
        Assert.All(cluster.Vault.Certificates, certificate => Assert.Single(certificate.Versions));
    }

    private void Kill(SandboxServer server, Func<HttpRequest, bool> when, int after)
    {
        var seen = 0;
        server.OnRequest = context =>
        {
            if (when(context.Request) && Interlocked.Increment(ref seen) == after)
            {
                // Another thread: a server cannot stop while it waits for this very request.
                stopped = Task.Run(server.StopAsync);
            }

            if (Volatile.Read(ref seen) >= after)
            {
                // Whatever is still on its way gets no answer.
                context.Abort();
            }

            return Task.CompletedTask;
        };
    }

    private async Task RestartAsync(SandboxServer server)
    {
        server.OnRequest = null;
        await stopped;
        await server.StopAsync();
        await server.StartAsync();
    }
}
