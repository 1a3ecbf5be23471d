using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Trust;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc;

/// <summary>Prints what to run on a cloud's side. Nothing is called there.</summary>
/// <param name="cloud">The cloud.</param>
/// <param name="subjects">The ServiceAccounts to trust, as one identity.</param>
/// <param name="audience">The audience, or null for the cloud's default.</param>
/// <param name="format">Commands, configuration or JSON.</param>
/// <param name="issuer">Reads the issuer from the settings or the API server.</param>
/// <param name="run">The run; the trust is printed to its output.</param>
/// <param name="log">Takes the warnings.</param>
public sealed class TrustJob(
    Cloud cloud,
    IReadOnlyList<ServiceAccountSubject> subjects,
    string? audience,
    TrustFormat format,
    Func<CancellationToken, Task<string>> issuer,
    JobRun run,
    ILogger<TrustJob> log) : IJob
{
    /// <inheritdoc/>
    /// <exception cref="JobException">The cloud cannot trust the issuer that the API server has (exit code 2).</exception>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var request = new TrustRequest(cloud, await issuer(stopping), subjects, audience);
        if (TrustRules.IssuerFault(cloud, request.Issuer) is { } fault)
        {
            throw new JobException($"The issuer '{Shown.Of(request.Issuer)}' {fault}.", ExitCode.Usage);
        }

        foreach (var warning in TrustRules.WarningsOf(request))
        {
            log.TrustWarning(warning);
        }

        await run.Output.WriteAsync(format switch
        {
            TrustFormat.Tofu => TrustTofu.For(request),
            TrustFormat.Json => TrustJson.For(request),
            _ => TrustCommands.For(request),
        });
        return JobResult.Done(
            $"printed the trust of {cloud} in {Shown.Of(request.Issuer)} for {string.Join(", ", request.Subjects)}");
    }
}
