using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc;

/// <summary>Compares the published issuer with the cluster's, and verifies a token against it.</summary>
internal sealed class VerifyJob(
    OidcOptions options, IIssuerReader source, IssuerVerifier verifier, JobRun run, ILogger<VerifyJob> log) : IJob
{
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var issuer = await source.ReadAsync(stopping);
        log.IssuerFindings(issuer);
        var expected = ExpectedPublication.Of(issuer) with { Retention = options.Plan.RetainRemovedKeys, DroppedKids = options.Plan.DropKeys };
        var report = await verifier.CheckOnceAsync(expected, await source.GetTokenAsync(stopping), checkTimes: true, stopping);
        IssuerMetrics.Record(report);
        return VerificationReporter.Write(run, report);
    }
}
