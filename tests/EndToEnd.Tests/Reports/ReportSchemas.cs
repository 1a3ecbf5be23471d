using System.Runtime.CompilerServices;

namespace ClusterTrust.EndToEnd.Tests.Reports;

/// <summary>Validates the JSON report of every run of a job, whichever test ran it, against the published schema of its command.</summary>
internal static class ReportSchemas
{
    private static readonly ConcurrentDictionary<string, Lazy<JsonSchema>> Schemas = new(StringComparer.Ordinal);

    private static readonly EvaluationOptions Options = new() { OutputFormat = Json.Schema.OutputFormat.List, RequireFormatValidation = true };

    public static string Folder { get; } = Path.Combine(Repository.Root, "docs", "schemas");

    public static IReadOnlyList<JobApplication> Jobs { get; } = [OidcCommands.Application, CertSyncCommands.Application];

    /// <summary>Before any test.</summary>
    [ModuleInitializer]
    internal static void Prepare() => BinaryRunner.CheckOutput = static (call, output) =>
    {
        if (output.StandardOutput.StartsWith('{'))
        {
            Check(NameOf(call), output.StandardOutput);
        }
    };

    /// <summary>The schema of a command's report. A plan's is that of what it plans.</summary>
    public static string NameOf(string job, string command) => $"{job}-{(command == "plan" ? DefaultOf(job) : command)}";

    /// <summary>Throws unless a report is valid.</summary>
    public static void Check(string name, string report)
    {
        using var document = JsonDocument.Parse(report);
        var faults = FaultsOf(name, document.RootElement);
        Assert.True(faults.Count == 0, $"The report does not match docs/schemas/{name}.json:\n{string.Join('\n', faults)}\n{report}");
    }

    /// <summary>What is wrong with a report; empty if it is valid.</summary>
    public static IReadOnlyList<string> FaultsOf(string name, JsonElement report)
    {
        var schema = Schemas.GetOrAdd(name, static name => new(() => JsonSchema.FromText(File.ReadAllText(Path.Combine(Folder, name + ".json"))))).Value;
        return
        [
            .. (schema.Evaluate(report, Options).Details ?? [])
                .Where(static detail => detail.Errors is not null)
                .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Key}: {error.Value}")),
        ];
    }

    private static string NameOf(JobCall call) => NameOf(call.Job, call.Arguments is [var command, ..] && !command.StartsWith('-') ? command : DefaultOf(call.Job));

    private static string DefaultOf(string job) => Jobs.Single(application => application.Name == job).Commands[0].Name;
}
