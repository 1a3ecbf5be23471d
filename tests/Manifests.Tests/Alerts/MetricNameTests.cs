using System.Reflection;
using ClusterTrust.CertSync.Reporting;
using ClusterTrust.Oidc.Reporting;
using ClusterTrust.Telemetry;

namespace ClusterTrust.Manifests.Tests.Alerts;

/// <summary>Alerts, dashboard and documentation name the metrics as the code does.</summary>
public sealed partial class MetricNameTests
{
    private static readonly string[] Counters = [JobMeter.Requests, CertSyncMetrics.Items];

    /// <summary>Every metric, by the name that Prometheus gives it.</summary>
    private static readonly string[] Declared =
    [
        .. new[] { typeof(JobMeter), typeof(CertSyncMetrics), typeof(IssuerMetrics) }
            .SelectMany(static type => type.GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(static field => field.IsLiteral && field.Name != nameof(JobMeter.Name))
            .Select(static field => (string)field.GetRawConstantValue()!)
            .Select(static name => Counters.Contains(name) ? name + "_total" : name)
            .Order(StringComparer.Ordinal),
    ];

    private static readonly Rendered Rendered = Workspace.Render("components/jobs/alerts");

    [Fact]
    public void The_dashboard_shows_every_metric_and_no_other()
    {
        var dashboard = JsonNode.Parse(Rendered.One("ConfigMap", "clustertrust-dashboard")["data"]!.AsObject().Single().Value!.GetValue<string>())!;
        var expressions = dashboard["panels"]!.AsArray().SelectMany(static panel => panel!["targets"]!.AsArray()).Select(static target => target.Text("expr")!).ToArray();
        Assert.Equal(Declared, expressions.SelectMany(NamesIn).Distinct().Order(StringComparer.Ordinal));
        Assert.Distinct(dashboard["panels"]!.AsArray().Select(static panel => panel!["id"]!.GetValue<int>()));
    }

    [Fact]
    public void Alerts_ask_for_metrics_that_are_there()
    {
        var names = Rendered.OfKind("PrometheusRule").SelectMany(AlertTests.AlertsOf).SelectMany(static alert => NamesIn(alert.Text("expr")!)).ToArray();
        Assert.NotEmpty(names);
        Assert.All(names, static name => Assert.Contains(name, Declared));
    }

    [Fact]
    public void The_page_about_operations_lists_every_metric_and_no_other()
    {
        var rows = File.ReadAllLines(Path.Combine(Workspace.Root, "docs", "operations.md")).Where(static line => line.StartsWith("| `", StringComparison.Ordinal));
        Assert.Equal(Declared, rows.SelectMany(static row => NamesIn(row.Split('|')[1])).Distinct().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> NamesIn(string text) => OwnName().Matches(text).Select(static match => match.Value);

    // Not a label's value such as cronjob="certsync", nor a pattern of names.
    [GeneratedRegex("\\b(clustertrust|certsync|oidc)_[a-z0-9_]+", RegexOptions.CultureInvariant)]
    private static partial Regex OwnName();
}
