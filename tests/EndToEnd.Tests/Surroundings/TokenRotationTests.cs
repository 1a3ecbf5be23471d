using ClusterTrust.EndToEnd.Tests.Oidc;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>The ServiceAccount token is replaced in its file during a run, and the old one refused from then on.</summary>
[Trait("ApiServer", "own")]
public sealed class TokenRotationTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private readonly SandboxCluster cluster = fixture.Cluster;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Both_jobs_go_on_with_the_new_token(int request)
    {
        await PublishAsync();
        cluster.Certificates.Issue(new CertificateSpec("shop", $"web-{request}"));
        cluster.Certificates.Issue(new CertificateSpec("shop", $"api-{request}"));

        var (kubeconfig, tokenFile) = cluster.WriteFileKubeconfig("certsync");
        RotateAt(request, "certsync", tokenFile);
        await using var certsync = cluster.Job("certsync");
        Expect.Done(await certsync.RunAsync("sync", "--kubeconfig", kubeconfig, "--vault", SandboxCluster.VaultName, "--cluster", "blue"), "create");

        cluster.ApiServer.Keys.Announce();
        (kubeconfig, tokenFile) = cluster.WriteFileKubeconfig("oidc");
        RotateAt(Math.Min(request, 2), "oidc", tokenFile);
        Expect.Done(await cluster.OidcAsync("publish", "--no-verify", "--kubeconfig", kubeconfig), "published the issuer");

        cluster.ApiServer.OnRequest = null;
        Assert.Contains(cluster.ApiServer.Requests, static seen => seen.Status == 401);
    }

    // Whoever is in the middle of signing in to Entra ID has read the old file; Entra takes it as long as its key is published.
    private async Task PublishAsync()
    {
        cluster.RenewTokens();
        Expect.Done(await cluster.OidcAsync("publish", "--no-verify"));
    }

    /// <summary>Before the given request of a run is looked at, the token in the file is replaced and the old one revoked.</summary>
    private void RotateAt(int request, string account, string tokenFile)
    {
        var old = File.ReadAllText(tokenFile);
        var seen = 0;
        var replaced = false;
        cluster.ApiServer.OnRequest = context =>
        {
            if (Interlocked.Increment(ref seen) == request)
            {
                // As the kubelet does it: written beside, then moved over.
                File.WriteAllText(tokenFile + ".new", cluster.ApiServer.IssueToken(SandboxCluster.Namespace, account));
                File.Move(tokenFile + ".new", tokenFile, overwrite: true);
                Volatile.Write(ref replaced, true);
            }

            // Another request may arrive between the two, and would find nothing new in the file.
            if (Volatile.Read(ref replaced) && context.Request.Headers.Authorization == $"Bearer {old}")
            {
                context.Request.Headers.Authorization = "Bearer revoked";
            }

            return Task.CompletedTask;
        };
    }
}
