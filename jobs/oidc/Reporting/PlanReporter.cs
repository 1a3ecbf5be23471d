using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes what a plan would change, or has changed, to standard output: a table, or JSON for scripts.</summary>
internal sealed class PlanReporter(JobRun run)
{
    public void Write(SitePlan plan, SiteLayout layout, CommitResult? commit)
    {
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(Json(plan, layout, commit));
            return;
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

        run.Output.WriteLine(Summarize(plan, commit, run.Command == "plan").Message);
    }

    /// <summary>The run in one sentence and a few numbers.</summary>
    public static JobSummary Summarize(SitePlan plan, CommitResult? commit, bool isPlan) => new(
        plan.IsEmpty ? "nothing to publish: the repository matches the API server"
        : commit is { } made ? $"published commit {made.Sha} on {made.Branch}: {plan.CommitSubject}"
        : isPlan ? $"would commit: {plan.CommitSubject}"
        : plan.CommitSubject)
    {
        Counts =
        [
            new("keys", plan.Keys.Keys.Count),
            new("added", plan.KeysAdded.Count),
            new("removed", plan.KeysRemoved.Count),
            new("retained", plan.KeysRetained.Count),
            new("files", plan.Files.Count),
        ],
    };

    private static IEnumerable<(string Kid, string Alg, string State)> KeysOf(SitePlan plan)
    {
        foreach (var key in plan.Keys.Keys)
        {
            yield return (key.Kid, key.Alg,
                plan.KeysAdded.Contains(key.Kid) ? "added" : plan.KeysRetained.Contains(key.Kid) ? "retained" : "kept");
        }

        foreach (var kid in plan.KeysRemoved.Where(kid => plan.Keys.Keys.All(key => key.Kid != kid)))
        {
            yield return (kid, "", "removed");
        }
    }

    private static string Json(SitePlan plan, SiteLayout layout, CommitResult? commit) => Encoding.UTF8.GetString(CanonicalJson.Write(writer =>
    {
        writer.WriteString("issuer", layout.Issuer);
        writer.WriteBoolean("changed", !plan.IsEmpty);
        if (commit is not null)
        {
            writer.WriteString("commit", commit.Sha);
            writer.WriteString("branch", commit.Branch);
        }

        writer.WriteStartArray("keys");
        foreach (var (kid, alg, state) in KeysOf(plan))
        {
            writer.WriteStartObject();
            writer.WriteString("kid", kid);
            writer.WriteString("alg", alg);
            writer.WriteString("state", state);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        CanonicalJson.WriteTexts(writer, "files", plan.Files.Select(static file => file.Path));
        CanonicalJson.WriteTexts(writer, "warnings", plan.Warnings);
    }));
}
