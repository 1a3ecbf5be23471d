using System.Text.Json.Nodes;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes a result to standard output: a table and lines, or with <c>--output json</c> one object, as docs/schemas describes it.</summary>
internal static class Report
{
    public static void Write(JobRun run, string issuer, JsonObject json, TextTable table, params IEnumerable<string> lines)
    {
        if (run.Format == OutputFormat.Json)
        {
            json.Insert(0, "issuer", issuer);
            run.Output.Write(Json.Document(json));
            return;
        }

        run.Output.WriteLine($"Issuer {issuer}");
        table.WriteTo(run.Output);
        foreach (var line in lines)
        {
            run.Output.WriteLine(line);
        }
    }
}
