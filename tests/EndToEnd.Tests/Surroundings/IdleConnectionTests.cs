namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>An API server, or a load balancer in front of it, that keeps no connection open.</summary>
[Trait("ApiServer", "own")]
public sealed class IdleConnectionTests : SandboxTest
{
    protected override bool NeedsProcesses => true;

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
