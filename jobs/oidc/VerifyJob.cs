using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Oidc.Verification;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc;

/// <summary>Compares the published issuer with the cluster's, and tries a token on it.</summary>
/// <param name="options">Which keys may be published besides the cluster's.</param>
/// <param name="source">What the API servers serve.</param>
/// <param name="tokens">A token to try.</param>
/// <param name="verifier">Looks from outside.</param>
/// <param name="reporter">Writes what was seen.</param>
/// <param name="log">Where the run is logged.</param>
public sealed class VerifyJob(
    OidcOptions options, IIssuerSource source, IClusterTokens tokens, IssuerVerifier verifier, VerificationReporter reporter, ILogger<VerifyJob> log) : IJob
{
    /// <inheritdoc/>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var issuer = await source.ReadAsync(stopping);
        log.IssuerFindings(issuer);
        var expected = ExpectedPublication.Of(issuer) with { Retention = options.Plan.RetainRemovedKeys, DroppedKids = options.Plan.DropKeys };
        var report = await verifier.LookAsync(expected, await tokens.GetAsync(stopping), heedsTimes: true, stopping);
        IssuerMetrics.Record(report);
        return reporter.Write(report);
    }
}
