using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Oidc.Verification;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace ClusterTrust.Oidc;

/// <summary>The whole job, top to bottom: read → check → plan → prove → publish → verify.</summary>
/// <param name="options">What is to be done.</param>
/// <param name="source">What the API servers say.</param>
/// <param name="repository">Where it is published.</param>
/// <param name="tokens">Prove the issuer before it is published.</param>
/// <param name="verifier">Looks at it from outside afterwards.</param>
/// <param name="signing">Who signs the commit.</param>
/// <param name="reporter">Tells what was planned.</param>
/// <param name="run">The run at hand; <c>plan</c> writes nothing.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Where it is told.</param>
public sealed class PublishJob(
    OidcOptions options,
    IssuerSource source,
    ISiteRepository repository,
    ClusterTokens tokens,
    IssuerVerifier verifier,
    CommitSigning signing,
    PlanReporter reporter,
    JobRun run,
    TimeProvider clock,
    ILogger<PublishJob> log) : IJob
{
    private const int Races = 5;

    /// <inheritdoc/>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var issuer = await source.ReadAsync(stopping);
        var layout = SiteLayout.For(issuer.Issuer, options.Repository, options.SiteUrl);
        var token = await tokens.GetAsync(stopping);
        var (plan, commit) = await RacesRetried().ExecuteAsync(
            async cancellation => await PublishAsync(issuer, layout, token, cancellation), stopping);
        reporter.Write(plan, layout, commit);
        IssuerMetrics.Record(plan, layout.Issuer);
        var result = new JobResult(ExitCode.Done, PlanReporter.Summarize(plan, commit, run.Command == "plan"));
        return commit is null || !options.Verify
            ? result
            : await verifier.AfterPublishAsync(plan, layout, token, result, stopping);
    }

    private async Task<(SitePlan Plan, CommitResult? Commit)> PublishAsync(
        CheckedIssuer issuer, SiteLayout layout, ServiceAccountToken? token, CancellationToken stopping)
    {
        var snapshot = await repository.ReadAsync(layout, stopping);
        var plan = SitePlan.Between(snapshot.Site, issuer, layout, options.Plan, clock.GetUtcNow());
        plan = plan with { Warnings = [.. plan.Warnings, .. WorkflowRules.WarningsOf(snapshot.Workflows)] };
        foreach (var warning in plan.Warnings)
        {
            log.SiteWarning(warning);
        }

        Prove(plan, layout, token);
        if (run.Command == "plan" || plan.IsEmpty)
        {
            return (plan, null);
        }

        using var grace = new GracePeriod(clock, stopping);
        var commit = await repository.CommitAsync(snapshot, Request(plan), grace.Token);
        log.Published(layout.Issuer, commit.Branch, commit.Sha, plan.KeysAdded.Count, plan.KeysRemoved.Count);
        return (plan, commit);
    }

    /// <summary>What is about to be published must verify a token of this very cluster. Its times prove nothing about keys: this machine's clock may be wrong.</summary>
    /// <exception cref="JobException">It does not (exit code 3).</exception>
    private void Prove(SitePlan plan, SiteLayout layout, ServiceAccountToken? token)
    {
        if (token is null)
        {
            log.ProofMissing(layout.Issuer);
        }
        else if (TokenRules.FaultOf(token, layout.Issuer, plan.Keys, now: null) is { } fault)
        {
            throw new JobException($"A token of this cluster would not be accepted with what is about to be published, so nothing is: {fault}", ExitCode.Refused);
        }
    }

    private CommitRequest Request(SitePlan plan)
    {
        var author = options.CommitsAsApp
            ? null
            : new CommitIdentity(options.CommitName ?? "ClusterTrust", options.CommitEmail ?? "clustertrust@users.noreply.github.com", clock.GetUtcNow());
        return new CommitRequest(plan.Files, options.CommitMessage ?? plan.CommitSubject, plan.CommitBody, author) { Signer = signing.Signer };
    }

    private ResiliencePipeline RacesRetried() => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<RacedException>(),
            MaxRetryAttempts = Races,
            Delay = TimeSpan.FromMilliseconds(500),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            OnRetry = arguments =>
            {
                log.Raced(arguments.AttemptNumber + 1, arguments.Outcome.Exception!.Message);
                return default;
            },
        })
        .Build();
}
