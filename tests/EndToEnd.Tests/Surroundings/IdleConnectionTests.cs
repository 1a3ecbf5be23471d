using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>An API server, or a load balancer in front of it, that closes connections which nobody uses for a second.</summary>
[Trait("ApiServer", "own")]
public sealed class IdleConnectionTests : SandboxTest
{
    protected override bool NeedsProcesses => true;

    [Fact]
    [Trait("Duration", "long")]
    public async Task Both_jobs_open_another_one()
    {
        await Cluster.ApiServer.StopAsync();
        Cluster.ApiServer.IdleTimeout = TimeSpan.FromSeconds(1);
        await Cluster.ApiServer.StartAsync();
        Expect.Done(await PublishAsync());
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        var connections = new ConcurrentDictionary<string, Task>();
        Cluster.ApiServer.OnRequest = context =>
        {
            connections.GetOrAdd(context.Connection.Id, _ => ClosedAsync(context));
            return Task.CompletedTask;
        };

        // The others answer when the API server has closed every connection that it had.
        Cluster.KeyVault.OnRequest = Cluster.Pages.OnRequest = _ => Task.WhenAll(connections.Values);

        // The Secret is read after the vault was listed, the lease given back at the end.
        Expect.Done(await Cluster.CertSyncAsync("sync", "--request-timeout", "5m"), "create");
        Assert.True(connections.Count >= 2, $"{connections.Count} connections were opened.");

        // The token for the look at the public site is asked for before it; the documents come first.
        Expect.Done(await Cluster.OidcAsync("verify"));
    }

    private static Task ClosedAsync(HttpContext context)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed.Register(closed.SetResult);
        return closed.Task;
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
