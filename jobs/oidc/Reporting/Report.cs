using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting.Output;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes a result to standard output: a table and lines, or with <c>--output json</c> one object, as docs/schemas describes it.</summary>
internal static class Report
{
    public static void Write(JobRun run, string issuer, JsonObject json, TextTable table, params IEnumerable<string> lines)
    {
        if (run.Format == OutputFormat.Json)
        {
            json.Insert(0, "issuer", issuer);
            run.Output.Write(Encoding.UTF8.GetString(CanonicalJson.Write(json)));
            return;
        }

        run.Output.WriteLine($"Issuer {issuer}");
        table.WriteTo(run.Output);
        foreach (var line in lines)
        {
            run.Output.WriteLine(line);
        }
    }

    /// <summary>An object without the members that are null.</summary>
    public static JsonObject Object(params IEnumerable<(string Name, JsonNode? Value)> members) =>
        new(members.Where(static member => member.Value is not null).Select(static member => KeyValuePair.Create(member.Name, member.Value)));

    public static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => new([.. items.Select(write)]);

    public static JsonArray Array(IEnumerable<string> items) => Array(items, static item => item);

    public static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
