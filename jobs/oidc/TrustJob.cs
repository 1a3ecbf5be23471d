using ClusterTrust.Oidc.Trust;

namespace ClusterTrust.Oidc;

/// <summary>Prints the commands or configuration for a cloud. No cloud is contacted.</summary>
internal sealed class TrustJob(
    Cloud cloud,
    IReadOnlyList<ServiceAccountSubject> subjects,
    string? audience,
    TrustFormat format,
    Func<CancellationToken, Task<string>> issuer,
    JobRun run,
    ILogger<TrustJob> log) : IJob
{
    /// <exception cref="JobException">The cloud cannot trust the API server's issuer (exit code 2).</exception>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var request = new TrustRequest(cloud, await issuer(stopping), subjects, audience);
        if (TrustRules.IssuerFault(cloud, request.Issuer) is { } fault)
        {
            throw new JobException($"The issuer '{Sanitizer.Sanitize(request.Issuer)}' {fault}.", ExitCode.Usage);
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
            $"printed the trust of {request.CloudName} in {Sanitizer.Sanitize(request.Issuer)} for {string.Join(", ", request.Subjects)}");
    }
}
