using ClusterTrust.Oidc.Repository;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes what a plan would change, or has changed.</summary>
internal static class PlanReporter
{
    /// <returns>The result of the run, with counts.</returns>
    public static JobResult Write(JobRun run, SitePlan plan, SiteLayout layout, CommitResult? commit)
    {
        var keys = KeysOf(plan.Retention).ToArray();
        var message = plan.IsEmpty ? "nothing to publish: the repository matches the API server"
            : commit is { } created ? $"published commit {created.Sha} on {created.Branch}: {plan.CommitSubject}"
            : run.Command == "plan" ? $"would commit: {plan.CommitSubject}"
            : plan.CommitSubject;
        var table = new TextTable("KEY", "ALG", "STATE");
        Array.ForEach(keys, key => table.Add(key.Kid, key.Alg, key.State));
        Report.Write(
            run,
            layout.Issuer,
            Json.Of(
                ("changed", !plan.IsEmpty),
                ("commit", commit?.Sha),
                ("branch", commit?.Branch),
                ("keys", Json.ArrayOf(keys, static key => Json.Of(("kid", key.Kid), ("alg", key.Alg), ("state", key.State)))),
                ("files", Json.ArrayOf(plan.Files.Select(static file => file.Path))),
                ("warnings", Json.ArrayOf(plan.Warnings))),
            table,
            [.. plan.Files.Select(file => $"{(commit is null ? "to write" : "written")}: {file.Path} ({file.Content.Length} bytes)"), message]);
        return new JobResult(run.Done(hasChanges: !plan.IsEmpty), message)
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
    }

    private static IEnumerable<(string Kid, string Alg, string State)> KeysOf(KeyRetention retention) =>
    [
        .. retention.Keys.Keys.Select(key => (key.Kid, key.Alg, retention.Added.Contains(key.Kid) ? "added" : retention.Retained.Contains(key.Kid) ? "retained" : "kept")),
        .. retention.Removed.Where(kid => !retention.Keys.Contains(kid)).Select(static kid => (kid, "", "removed")),
    ];
}
