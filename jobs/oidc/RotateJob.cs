using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Oidc.Rotation;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc;

/// <summary>Reports the status of a rotation of the signing key, and the next step. Changes nothing.</summary>
internal sealed class RotateJob(
    OidcOptions options, IApiServers servers, IssuerVerifier verifier, JobRun run, TimeProvider clock, ILogger<RotateJob> log) : IJob
{
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var observed = await servers.ReadAsync(stopping);
        var issuer = CheckedIssuer.Join([.. observed.Select(static server => server.Issuer)]);
        log.IssuerFindings(issuer);
        var facts = new RotationFacts(
            [.. observed.Select(server => FactsOf(server, issuer, clock.GetUtcNow()))], await FetchAsync(issuer, stopping), options.Plan.RetainRemovedKeys, clock.GetUtcNow());
        var status = RotationStatus.Of(facts);
        var result = ResultOf(facts, status);
        RotationReporter.Write(run, issuer.Issuer, facts, status);
        return result;
    }

    private JobResult ResultOf(RotationFacts facts, RotationStatus status)
    {
        if ((options.SafeToSign ?? options.SafeToRemove) is not { } kid)
        {
            return JobResult.Done(status.Message.TrimEnd('.'));
        }

        var key = status.Keys.FirstOrDefault(key => key.Key.Kid == kid) ?? throw new JobException(
            $"There is no key '{Sanitizer.Sanitize(kid)}': the API servers serve {string.Join(", ", facts.ServedKeys.Select(static key => $"'{Sanitizer.Sanitize(key.Kid)}'"))}.", ExitCode.Usage);
        var (check, verb) = options.SafeToSign is null ? (key.ToRemove, "remove") : (key.ToSign, "sign with");
        var before = check is { IsSafe: false, At: { } at } ? $" before {Sentence.Time(at)}" : "";
        return new JobResult(
            check.IsSafe ? ExitCode.Done : ExitCode.Failed, $"it is {(check.IsSafe ? "" : "not ")}safe to {verb} '{Sanitizer.Sanitize(kid)}'{before}: {check.Reason}");
    }

    /// <summary>An API server whose own token proves which key signs, and that its clock and this machine's agree: every check is about times.</summary>
    private static ApiServerFacts FactsOf(ObservedApiServer server, CheckedIssuer issuer, DateTimeOffset now)
    {
        var name = Sanitizer.Sanitize(server.Server);
        if (TokenRules.FaultOf(server.Token, issuer.Issuer, server.Issuer.Keys, now: null) is { } fault)
        {
            throw new JobException($"The API server {name} does not accept a token that it issued itself: {fault}", ExitCode.Refused);
        }

        return server.Token.NotBefore is { } issued && (issued - now).Duration() <= TokenRules.ClockDifference
            ? new ApiServerFacts(name, server.Issuer.Keys, server.Token.Kid!, server.StartedAt)
            : throw new JobException(
                $"The API server {name} issued a token {(server.Token.NotBefore is { } other ? $"that is valid from {Sentence.Time(other)}" : "without a time (nbf)")}, but it is {Sentence.Time(now)} here, "
                + "so waiting times are not known: correct the clock of this machine or of that node.");
    }

    private async Task<PublicFacts> FetchAsync(CheckedIssuer issuer, CancellationToken stopping)
    {
        var expected = ExpectedPublication.Of(issuer) with { Retention = options.Plan.RetainRemovedKeys };
        var checks = new List<Check>();
        var observed = await verifier.ReadAsync(expected, checks, needsState: true, stopping);
        if (observed is null || checks.Any(static check => check.Result == CheckResult.Unexpected))
        {
            var report = new VerificationReport(issuer.Issuer, checks);
            throw new JobException(report.Problems.First().Sentence, report.ExitCode);
        }

        // By it, a key may have been published later than by the site's headers.
        return PublicationRules.StateFault(observed.State!) is { } stateFault
            ? throw new JobException(stateFault.Sentence, ExitCode.Failed)
            : new PublicFacts(observed.Keys, observed.Document.LastModified, observed.Document.MaxAge, PublicationRules.ReadState(observed.State!));
    }
}
