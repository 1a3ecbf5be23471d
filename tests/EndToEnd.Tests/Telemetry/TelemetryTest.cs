using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Telemetry;

/// <summary>A sandbox whose issuer is published and which has a certificate that is synced and one that cannot be.</summary>
public abstract class TelemetryTest : IAsyncLifetime
{
    /// <summary>What every run measures.</summary>
    protected static readonly string[] OfEveryRun = ["clustertrust_http_requests", "clustertrust_last_success_timestamp_seconds", "clustertrust_run_duration_seconds"];

    /// <summary>What oidc measures besides.</summary>
    protected static readonly string[] OfOidc = ["oidc_keys", "oidc_public_url_serves_published", "oidc_published_age_seconds"];

    /// <summary>What certsync measures besides.</summary>
    protected static readonly string[] OfCertSync = ["certsync_certificate_not_after_timestamp_seconds", "certsync_items", "clustertrust_requests_left"];

    protected SandboxCluster Cluster { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Cluster = await SandboxCluster.StartAsync();
        Cluster.JobsAreProcesses = true;
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
    }

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>Runs a job with what it needs to know.</summary>
    /// <param name="job"><c>oidc</c> or <c>certsync</c>.</param>
    /// <param name="arguments">More arguments.</param>
    /// <param name="variables">More variables.</param>
    protected async Task<Output> RunAsync(string job, string[] arguments, params (string Name, string Value)[] variables)
    {
        await using var runner = Cluster.Job(job);
        string[] all = job == "oidc" ? ["publish", .. Cluster.OidcArguments(), .. arguments] : ["sync", .. Cluster.CertSyncArguments(), .. arguments];
        return await runner.RunAsync(all, variables.ToDictionary(static one => one.Name, static one => one.Value), TimeSpan.FromMinutes(10));
    }

    /// <summary>Runs a job, which must do all it should.</summary>
    protected async Task DoneAsync(string job, string[] arguments, params (string Name, string Value)[] variables)
    {
        var output = await RunAsync(job, arguments, variables);
        Assert.True(output.ExitCode == 0, output.ToString());
    }
}
