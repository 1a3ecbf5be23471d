namespace ClusterTrust.Manifests.Tests.Alerts;

/// <summary>The rendered alerts, validated and tested by Prometheus' promtool with the cases in the files beside this one.</summary>
public sealed class AlertTests
{
    private static readonly Rendered Rendered = Workspace.Render("components/jobs/alerts");

    public static TheoryData<string> Rules => [.. Rendered.OfKind("PrometheusRule").Select(static one => one.Text("metadata", "name")!)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Each_alert_fires_when_it_should_and_not_before(string name)
    {
        using var folder = new TemporaryFolder("clustertrust-alerts-");
        var spec = Rendered.One("PrometheusRule", name)["spec"]!;

        // JSON is YAML, and a rule's spec has the format of a rules file.
        var rules = folder.Write("rules.yaml", spec.ToJsonString());
        var cases = File.ReadAllText(CasesOf(name));
        (await Promtool.RunAsync(["check", "rules", rules])).OrThrow();
        (await Promtool.RunAsync(["test", "rules", folder.Write("cases.yaml", cases)])).OrThrow();
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_alert_has_a_case_in_which_it_fires_and_one_in_which_not(string name)
    {
        var tried = YamlText.Read(File.ReadAllText(CasesOf(name))).Single()["tests"]!.AsArray()
            .SelectMany(static test => test!["alert_rule_test"]!.AsArray()).ToLookup(static one => one.Text("alertname")!, static one => one!["exp_alerts"]!.AsArray().Count > 0);
        Assert.All(AlertsOf(Rendered.One("PrometheusRule", name)), alert => Assert.Equal([false, true], tried[alert.Text("alert")!].Distinct().Order()));
    }

    [Fact]
    public void Each_alert_has_a_runbook()
    {
        var page = File.ReadAllText(Path.Combine(Workspace.Root, "docs", "operations.md"));
        var headings = page.Split('\n').Where(static line => line.StartsWith("### ", StringComparison.Ordinal)).SelectMany(static line => line[4..].Split(", ")).ToHashSet();
        Assert.All(Rendered.OfKind("PrometheusRule").SelectMany(AlertsOf), alert => Assert.Contains(alert.Text("alert")!, headings));
    }

    internal static IEnumerable<JsonObject> AlertsOf(JsonObject rule) => rule["spec"]!["groups"].Items().SelectMany(static group => group["rules"].Items());

    private static string CasesOf(string name) => Path.Combine(Workspace.Root, "tests", "Manifests.Tests", "Alerts", $"{name}.test.yaml");
}
