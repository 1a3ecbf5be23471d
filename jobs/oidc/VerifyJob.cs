using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc;

/// <summary>Compares the published issuer with the cluster's, and tries a token on it.</summary>
/// <param name="source">What the API servers say.</param>
/// <param name="tokens">A token to try.</param>
/// <param name="verifier">Looks from outside.</param>
/// <param name="reporter">Tells what was seen.</param>
public sealed class VerifyJob(IssuerSource source, ClusterTokens tokens, IssuerVerifier verifier, VerificationReporter reporter) : IJob
{
    /// <inheritdoc/>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var issuer = await source.ReadAsync(stopping);
        var token = await tokens.GetAsync(stopping);
        var report = await verifier.VerifyAsync(issuer.Issuer, issuer.Keys, token, stopping);
        return reporter.Tell(report);
    }
}
