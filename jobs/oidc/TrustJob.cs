using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Trust;

namespace ClusterTrust.Oidc;

/// <summary>Prints what to run on a cloud's side. Nothing is called there.</summary>
/// <param name="cloud">The cloud.</param>
/// <param name="subject">The ServiceAccount that is to be trusted.</param>
/// <param name="audience">The audience, or null for the cloud's own.</param>
/// <param name="format">Commands or configuration.</param>
/// <param name="issuer">The issuer, from the settings or the API server.</param>
/// <param name="run">Where it is printed.</param>
public sealed class TrustJob(
    Cloud cloud, ServiceAccountSubject subject, string? audience, TrustFormat format, Func<CancellationToken, Task<string>> issuer, JobRun run) : IJob
{
    /// <inheritdoc/>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var request = new TrustRequest(cloud, await issuer(stopping), subject, audience);
        await run.Output.WriteAsync(format switch
        {
            TrustFormat.Tofu => TrustTofu.For(request),
            TrustFormat.Json => TrustJson.For(request),
            _ => TrustCommands.For(request),
        });
        return JobResult.Done($"printed the trust of {cloud} in {Shown.Of(request.Issuer)} for {subject}");
    }
}
