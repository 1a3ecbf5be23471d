using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes what a plan would change, or has changed, to standard output: a table, or JSON for scripts.</summary>
internal static class PlanReporter
{
    /// <returns>The run in one sentence and a few numbers.</returns>
    public static JobResult Write(JobRun run, SitePlan plan, SiteLayout layout, CommitResult? commit)
    {
        var result = ResultOf(run, plan, commit);
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(ReportJson.Write(new PlanReport(
                layout.Issuer, !plan.IsEmpty, commit?.Sha, commit?.Branch, KeysOf(plan), plan.Files.Select(static file => file.Path), plan.Warnings)));
            return result;
        }

        run.Output.WriteLine($"Issuer {layout.Issuer}");
        var keys = new TextTable("KEY", "ALG", "STATE");
        foreach (var (kid, alg, state) in KeysOf(plan))
        {
            keys.Add(kid, alg, state);
        }

        keys.WriteTo(run.Output);
        foreach (var file in plan.Files)
        {
            run.Output.WriteLine($"{(commit is null ? "to write" : "written")}: {file.Path} ({file.Content.Length} bytes)");
        }

        run.Output.WriteLine(result.Message);
        return result;
    }

    private static JobResult ResultOf(JobRun run, SitePlan plan, CommitResult? commit) => new(
        run.Done(hasChanges: !plan.IsEmpty),
        plan.IsEmpty ? "nothing to publish: the repository matches the API server"
        : commit is { } made ? $"published commit {made.Sha} on {made.Branch}: {plan.CommitSubject}"
        : run.Command == "plan" ? $"would commit: {plan.CommitSubject}"
        : plan.CommitSubject)
    {
        Counts =
        [
            new("keys", plan.Retention.Keys.Keys.Count),
            new("added", plan.Retention.Added.Count),
            new("removed", plan.Retention.Removed.Count),
            new("retained", plan.Retention.Retained.Count),
            new("files", plan.Files.Count),
        ],
    };

    private static IEnumerable<PlanKey> KeysOf(SitePlan plan)
    {
        foreach (var key in plan.Retention.Keys.Keys)
        {
            yield return new PlanKey(key.Kid, key.Alg,
                plan.Retention.Added.Contains(key.Kid) ? "added" : plan.Retention.Retained.Contains(key.Kid) ? "retained" : "kept");
        }

        foreach (var kid in plan.Retention.Removed.Where(kid => plan.Retention.Keys.Keys.All(key => key.Kid != kid)))
        {
            yield return new PlanKey(kid, "", "removed");
        }
    }
}
