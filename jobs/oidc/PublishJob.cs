using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc;

/// <summary>The whole job: read → check → plan → prove → publish → verify.</summary>
internal sealed class PublishJob(
    OidcOptions options,
    IIssuerReader source,
    ISiteRepository repository,
    IssuerVerifier verifier,
    JobRun run,
    TimeProvider clock,
    ILogger<PublishJob> log) : IJob
{
    private const int MaxRaces = 5;

    /// <summary>The warnings that were logged, which a plan after a lost race has again.</summary>
    private readonly HashSet<string> _logged = [];

    private bool IsPlan => run.Command == "plan";

    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        var issuer = await source.ReadAsync(stopping);
        log.IssuerFindings(issuer);
        ProviderIssuers.RequireServable(issuer, options.SiteUrl);
        var layout = SiteLayout.For(issuer.Issuer, options.Repository, options.SiteUrl);
        var token = await source.GetTokenAsync(stopping);
        if (token is null)
        {
            log.ProofMissing(layout.Issuer);
        }

        var races = Retries.Of(
            clock, MaxRaces, TimeSpan.FromMilliseconds(500), static fault => fault is RacedException, onRetry: (retry, _, raced) => log.Raced(retry, raced.Message));
        var (plan, commit) = await races.ExecuteAsync(async cancellationToken => await PublishAsync(issuer, layout, token, cancellationToken), stopping);
        var result = PlanReporter.Write(run, plan, layout, commit);
        IssuerMetrics.Record(plan, layout.Issuer);
        return IsPlan || !options.Verify ? result : await VerifyAsync(plan, commit, token, result, stopping);
    }

    private async Task<(SitePlan Plan, CommitResult? Commit)> PublishAsync(
        CheckedIssuer issuer, SiteLayout layout, JsonWebToken? token, CancellationToken stopping)
    {
        var snapshot = await repository.ReadAsync(layout, stopping);
        var plan = await PlanAsync(snapshot, issuer, layout, stopping);
        foreach (var warning in plan.Warnings.Where(_logged.Add))
        {
            log.SiteWarning(warning);
        }

        Prove(plan, layout, token);
        if (IsPlan || plan.IsEmpty)
        {
            return (plan, null);
        }

        using var grace = new GracePeriod(clock, stopping);
        var author = options.Author is var (name, email) ? new CommitIdentity(name, email, clock.GetUtcNow()) : null;
        var request = new CommitRequest(plan.Files, $"{options.CommitMessage ?? plan.CommitSubject}\n\n{plan.CommitBody}", author, options.Signer);
        var commit = await repository.CommitAsync(snapshot, request, grace.Token);
        log.Published(layout.Issuer, commit.Branch, commit.Sha, plan.Retention.Added.Count, plan.Retention.Removed.Count);
        return (plan, commit);
    }

    private async Task<SitePlan> PlanAsync(RepositorySnapshot snapshot, CheckedIssuer issuer, SiteLayout layout, CancellationToken stopping)
    {
        try
        {
            // Each run may be on another node, and a clock that is ahead would end the retention of keys early.
            var plan = SitePlan.Between(snapshot.Site, issuer, layout, options.Plan, issuer.ServedAt ?? clock.GetUtcNow());
            return plan with { Warnings = [.. plan.Warnings, .. WorkflowRules.WarningsOf(snapshot.Workflows, snapshot.Site.IsKeptByJekyll, stopping)] };
        }
        catch (UnknownKeysException unknown) when (snapshot.Tip is not null)
        {
            var commits = new Dictionary<string, string>();
            foreach (var key in unknown.Named)
            {
                commits[key.Kid] = await FindCommitAsync(snapshot, unknown.Path, key.Kid, stopping);
            }

            throw new UnknownKeysException(unknown.Path, unknown.Keys, commits);
        }
    }

    /// <summary>The commit that added a key; the tip of the branch if the history cannot be read.</summary>
    private async Task<string> FindCommitAsync(RepositorySnapshot snapshot, string path, string kid, CancellationToken stopping)
    {
        try
        {
            return (await repository.FindIntroductionAsync(snapshot, path, kid, stopping)).ToString();
        }
        catch (JobException)
        {
            return new CommitReference(snapshot.Tip!, IsExact: false).ToString();
        }
    }

    /// <summary>Verifies a token of this cluster against the documents to publish. Its times are ignored: they do not concern keys, and this machine's clock may be wrong.</summary>
    /// <exception cref="JobException">The token is not valid against them (exit code 3).</exception>
    private static void Prove(SitePlan plan, SiteLayout layout, JsonWebToken? token)
    {
        if (token is not null && TokenRules.FaultOf(token, layout.Issuer, plan.Retention.Keys, now: null) is { } fault)
        {
            throw new JobException($"A token of this cluster is not valid against the documents to publish, so nothing was published: {fault}", ExitCode.Refused);
        }
    }

    /// <summary>Checks the public site: until the commit is served, or once if there was nothing to commit.</summary>
    /// <returns><paramref name="result"/> if the site is as expected, cannot be reached, or a cache is stale.</returns>
    private async Task<JobResult> VerifyAsync(SitePlan plan, CommitResult? commit, JsonWebToken? token, JobResult result, CancellationToken stopping)
    {
        var expected = new ExpectedPublication(plan.Discovery.Issuer, [plan.Discovery.JwksUri], plan.Retention.Keys)
        {
            DroppedKids = options.Plan.DropKeys,
            RemovedKids = plan.Retention.Removed,
            DiscoveryChanged = plan.ChangesDiscovery,
        };
        VerificationReport report;
        try
        {
            report = commit is null
                ? await verifier.CheckOnceAsync(expected, token, checkTimes: false, stopping)
                : await verifier.WaitAsync(expected, token, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The commit is pushed; the next run checks it.
            return result;
        }

        IssuerMetrics.Record(report);
        if (report.Result <= CheckResult.Warning)
        {
            foreach (var warning in report.Problems)
            {
                log.SiteWarning(warning.Sentence);
            }

            log.Visible(report.Issuer);
            return result;
        }

        var problem = report.Problems.First();
        if (problem.Result is CheckResult.Stale or CheckResult.Unreachable)
        {
            log.NotVisibleYet(report.Issuer, problem.Sentence);
            return result;
        }

        log.NotVisible(report.Issuer, problem.Sentence);
        return VerificationReporter.ResultOf(report, $"{result.Message}; but the public URL does not serve it") with { Counts = result.Counts };
    }
}
