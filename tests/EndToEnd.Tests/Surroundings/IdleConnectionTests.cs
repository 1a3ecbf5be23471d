using ClusterTrust.EndToEnd.Tests.Oidc;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>An API server, or a load balancer in front of it, that closes connections which nobody uses for a second.</summary>
[Trait("ApiServer", "own")]
public sealed class IdleConnectionTests : OidcTest
{
    protected override bool NeedsProcesses => true;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Both_jobs_open_another_one()
    {
        await Cluster.ApiServer.StopAsync();
        Cluster.ApiServer.IdleTimeout = TimeSpan.FromSeconds(1);
        await Cluster.ApiServer.StartAsync();
        Expect.Done(await PublishAsync());
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        Cluster.KeyVault.OnRequest = static context => context.Request.Path.Value!.EndsWith("/certificates", StringComparison.Ordinal) ? Task.Delay(Pause) : Task.CompletedTask;
        Cluster.Pages.OnRequest = static _ => Task.Delay(Pause);

        var connections = new HashSet<string>();
        Cluster.ApiServer.OnRequest = context =>
        {
            lock (connections)
            {
                connections.Add(context.Connection.Id);
            }

            return Task.CompletedTask;
        };
        // The Secret is read after the vault was listed, the lease given back at the end.
        Expect.Done(await Cluster.CertSyncAsync("sync"), "create");
        // More where the machine is so slow that connections are idle between requests.
        Assert.True(connections.Count >= 2, $"{connections.Count} connections were opened.");

        // The token for the look at the public site is asked for before it; the documents come first.
        Expect.Done(await Cluster.OidcAsync("verify"));
    }

    [Fact]
    public async Task Both_jobs_live_with_a_server_that_closes_the_connection_after_each_answer()
    {
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        Cluster.ApiServer.OnRequest = static context =>
        {
            context.Response.OnCompleted(() =>
            {
                context.Abort();
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        };

        Expect.Done(await PublishAsync(), "published the issuer");
        Expect.Done(await Cluster.CertSyncAsync("sync"), "create");
    }
}
