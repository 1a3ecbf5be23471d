using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Serving;
using ClusterTrust.Oidc.Rotation;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.EndToEnd.Tests.Reports;

/// <summary>The published schemas of the reports. Every end-to-end test validates its reports against them, see <see cref="ReportSchemas"/>.</summary>
public sealed class ReportSchemaTests
{
    private const string Report = """
        {"command":"plan","cluster":"blue","stopped":false,"actions":[
          {"action":"create","reason":"not-in-vault","message":"The vault has no such certificate.","vault":"main","name":"web","certificate":"web",
           "secrets":["shop/web"],"notAfter":"2027-01-01T00:00:00Z"}],"summary":{"create":1}}
        """;

    public static TheoryData<string> Names => [.. Directory.GetFiles(ReportSchemas.Folder, "*.json").Select(static file => Path.GetFileNameWithoutExtension(file)!)];

    [Fact]
    public void Every_command_has_a_schema_and_every_schema_a_command() =>
        Assert.Equal(
            ReportSchemas.Jobs.SelectMany(static job => job.Commands.Select(command => ReportSchemas.NameOf(job.Name, command.Name))).Distinct().Order(StringComparer.Ordinal),
            Directory.GetFiles(ReportSchemas.Folder).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_schema_is_one_of_draft_2020_12_and_closed(string name)
    {
        var text = File.ReadAllText(Path.Combine(ReportSchemas.Folder, name + ".json"));
        using var document = JsonDocument.Parse(text);
        Assert.True(MetaSchemas.Draft202012.Evaluate(document.RootElement).IsValid);
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", document.RootElement.GetProperty("$schema").GetString());
        Assert.Equal($"urn:clustertrust:report:{name}", document.RootElement.GetProperty("$id").GetString());
        AssertClosed(JsonNode.Parse(text)!, name);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("\"stopped\":false", "\"stopped\":\"no\"", false)]
    [InlineData("\"stopped\":false,", "", false)]
    [InlineData("\"action\":\"create\"", "\"action\":\"make\"", false)]
    [InlineData("{\"create\":1}", "{\"make\":1}", false)]
    [InlineData("2027-01-01T00:00:00Z", "next year", false)]
    [InlineData("shop/web", "shop", false)]
    public void A_report_that_differs_is_not_valid(string original, string replacement, bool isValid)
    {
        using var document = JsonDocument.Parse(original.Length == 0 ? Report : Report.Replace(original, replacement, StringComparison.Ordinal));
        Assert.Equal(isValid, ReportSchemas.FaultsOf("certsync-sync", document.RootElement).Count == 0);
    }

    [Fact]
    public void The_schemas_list_exactly_the_values_that_the_jobs_have()
    {
        var action = Load("certsync-sync")["$defs"]!["action"]!["properties"]!;
        Assert.Equal(Enum.GetValues<ActionKind>().Except([ActionKind.Inspect]).Select(static kind => Hosting.Output.Json.NameOf(kind)), ValuesOf(action["action"]));
        Assert.Equal(Enum.GetValues<Reason>().Select(static reason => Hosting.Output.Json.NameOf(reason)), ValuesOf(action["reason"]));
        var endpoint = Load("certsync-verify")["$defs"]!["endpoint"]!["properties"]!;
        Assert.Equal(Enum.GetValues<ServingState>().Select(static state => Hosting.Output.Json.NameOf(state)), ValuesOf(endpoint["state"]));
        Assert.Equal(Enum.GetNames<CheckResult>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName), ValuesOf(Load("oidc-verify")["properties"]!["result"]));
        Assert.Equal(Enum.GetNames<RotationStage>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName), ValuesOf(Load("oidc-rotate")["properties"]!["stage"]));
        Assert.Equal(Enum.GetNames<RotationStep>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName), ValuesOf(Load("oidc-rotate")["properties"]!["step"]));
    }

    private static JsonNode Load(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(ReportSchemas.Folder, name + ".json")))!;

    private static IEnumerable<string> ValuesOf(JsonNode? schema) => schema!["enum"]!.AsArray().Select(static value => (string)value!);

    /// <summary>Objects have no properties but those listed, or those with listed names.</summary>
    private static void AssertClosed(JsonNode node, string path)
    {
        if (node is JsonObject schema)
        {
            if (schema["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String && (string?)type == "object")
            {
                Assert.True(schema["additionalProperties"] is JsonValue { } value && !(bool)value || schema["propertyNames"]?["enum"] is not null, $"{path} is open.");
            }

            foreach (var (name, child) in schema.Where(static child => child.Value is not null))
            {
                AssertClosed(child!, $"{path}/{name}");
            }
        }
    }
}
