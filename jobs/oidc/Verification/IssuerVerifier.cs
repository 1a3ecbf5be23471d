using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Oidc.Site;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc.Verification;

/// <summary>Looks at the published issuer from outside, as a cloud does before it accepts a token.</summary>
/// <param name="options">How long to wait, and which audience a token must be for.</param>
/// <param name="site">Fetches.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Where it is told.</param>
public sealed class IssuerVerifier(OidcOptions options, PublicSite site, TimeProvider clock, ILogger<IssuerVerifier> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A pod that may not speak to the site must not wait for it as long as for a deployment.
    private const int UnreachableTries = 3;

    /// <summary>Looks once.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="expected">The keys that must be published.</param>
    /// <param name="token">A token that must be accepted, or null.</param>
    /// <param name="cancellation">Ends the look.</param>
    public Task<VerificationReport> VerifyAsync(
        string issuer, JsonWebKeySet expected, ServiceAccountToken? token, CancellationToken cancellation) =>
        VerifyAsync(issuer, expected, token, heedsTimes: true, cancellation);

    private async Task<VerificationReport> VerifyAsync(
        string issuer, JsonWebKeySet expected, ServiceAccountToken? token, bool heedsTimes, CancellationToken cancellation)
    {
        var checks = new List<Check>();
        TimeSpan? age = null;
        var fetched = await site.FetchAsync(new Uri(IssuerUrl.Append(issuer, IssuerDocuments.DiscoveryPath)), cancellation);
        if (PublicationRules.CheckDiscovery(fetched, issuer, checks) is { } discovery)
        {
            var keySet = await site.FetchAsync(new Uri(discovery.JwksUri), cancellation);
            age = keySet.Age;
            if (PublicationRules.CheckKeys(keySet, expected, checks) is { } keys)
            {
                checks.Add(CheckToken(token, issuer, keys, keySet, heedsTimes));
            }
        }

        var report = new VerificationReport(issuer, checks) { KeySetAge = age };
        IssuerMetrics.Record(report);
        return report;
    }

    /// <summary>Waits, within bounds, until what was just published is served.</summary>
    /// <returns>The run's result: as it was when all is well, or when only the network or a cache keeps this from being seen.</returns>
    public async Task<JobResult> AfterPublishAsync(
        SitePlan plan, SiteLayout layout, ServiceAccountToken? token, JobResult result, CancellationToken stopping)
    {
        var report = await WaitAsync(layout.Issuer, plan.Keys, token, stopping);
        if (report is null || report.Result <= CheckResult.Warning)
        {
            log.Visible(layout.Issuer);
            return result;
        }

        var problem = report.Problems.First();
        if (problem.Result != CheckResult.Fault)
        {
            log.NotVisibleYet(layout.Issuer, problem.Sentence);
            return result;
        }

        log.NotVisible(layout.Issuer, problem.Sentence);
        return new JobResult(ExitCode.Failed, result.Summary with
        {
            Message = $"{result.Summary.Message}; but it is not served as published",
            Failures = [.. report.Problems.Select(check => new JobFailure(check.Subject, check.Sentence))],
        });
    }

    private async Task<VerificationReport?> WaitAsync(
        string issuer, JsonWebKeySet expected, ServiceAccountToken? token, CancellationToken stopping)
    {
        VerificationReport? report = null;
        var start = clock.GetTimestamp();
        var pause = FirstPause;
        for (var unreachable = 0; !stopping.IsCancellationRequested; pause = pause * 2 > LongestPause ? LongestPause : pause * 2)
        {
            // The token's times say nothing about what was published, and no waiting cures a clock.
            report = await VerifyAsync(issuer, expected, token, heedsTimes: false, stopping);
            unreachable = report.Result == CheckResult.Unreachable ? unreachable + 1 : 0;
            if (report.Result <= CheckResult.Warning || unreachable == UnreachableTries || clock.GetElapsedTime(start) + pause > options.VerifyTimeout)
            {
                return report;
            }

            log.Waiting(issuer, report.Problems.First().Sentence);
            await Task.Delay(pause, clock, stopping);
        }

        return report;
    }

    private Check CheckToken(ServiceAccountToken? token, string issuer, JsonWebKeySet keys, FetchedDocument keySet, bool heedsTimes)
    {
        if (token is null)
        {
            return new Check("token", CheckResult.Warning, "No ServiceAccount token could be had, so none was tried: give --verify-service-account or --verify-token-file.");
        }

        if (TokenRules.FaultOf(token, issuer, keys, heedsTimes ? clock.GetUtcNow() : null, options.Audience) is not { } fault)
        {
            return new Check("token", CheckResult.Ok, $"a token of {Shown.Of(token.Subject)} for {Shown.Of(string.Join(", ", token.Audiences))} is accepted (key '{Shown.Of(token.Kid)}')");
        }

        var stale = token.Kid is { } kid && !keys.Contains(kid) && keySet.CachedFor is not null;
        return new Check("token", stale ? CheckResult.Stale : CheckResult.Fault, fault);
    }
}
