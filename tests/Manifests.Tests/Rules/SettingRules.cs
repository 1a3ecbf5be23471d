using System.Text.Json.Nodes;
using ClusterTrust.CertSync;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Settings;
using ClusterTrust.Manifests.Tests.Rendering;
using ClusterTrust.Oidc;

namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>A pod's environment holds what its job knows, and nothing else.</summary>
internal static class SettingRules
{
    /// <summary>Names that libraries read: Azure's, OpenTelemetry's, and those of proxies and trust.</summary>
    private static readonly string[] Foreign =
    [
        "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME",
        "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",

        // What the kubelet puts into other variables.
        "POD_NAMESPACE", "POD_SERVICE_ACCOUNT",
    ];

    private static readonly Setting[] Common =
        [CommonSettings.Output, CommonSettings.LogLevel, CommonSettings.LogFormat, CommonSettings.Verbose, CommonSettings.Config, CommonSettings.TerminationLog, CommonSettings.MetricsFile, CommonSettings.Pushgateway];

    /// <summary>Every setting of a job, by the name of its environment variable.</summary>
    public static IReadOnlyDictionary<string, Setting> Of(string job) => (job == "oidc" ? OidcCommands.Application : CertSyncCommands.Application).Commands
        .SelectMany(static command => command.Settings)
        .Concat(Common)
        .DistinctBy(static setting => setting.Flag)
        .ToDictionary(setting => setting.EnvironmentName(job.ToUpperInvariant() + "_"));

    /// <summary>Names in a job's environment that mean nothing to it.</summary>
    public static IEnumerable<string> Faults(Rendered rendered)
    {
        foreach (var one in rendered.OfKind("CronJob"))
        {
            var job = one["metadata"]!["labels"].Text("app.kubernetes.io/name")!;
            var known = Of(job);
            var container = one["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!;
            var maps = (container["envFrom"]?.AsArray() ?? []).Select(static source => source.Text("configMapRef", "name")).ToArray();
            foreach (var missing in maps.Where(name => !rendered.OfKind("ConfigMap").Any(map => map.Text("metadata", "name") == name)))
            {
                yield return $"CronJob {job}: there is no ConfigMap {missing}";
            }

            var names = rendered.OfKind("ConfigMap").Where(map => maps.Contains(map.Text("metadata", "name")))
                .SelectMany(static map => (JsonObject)map["data"]!).Select(static entry => entry.Key)
                .Concat((container["env"]?.AsArray() ?? []).Select(static variable => variable.Text("name")!));
            foreach (var name in names.Where(name => !known.ContainsKey(name) && !Foreign.Contains(name)))
            {
                yield return $"CronJob {job}: {name} is none of its settings";
            }

            foreach (var name in names.Where(name => known.TryGetValue(name, out var setting) && setting.IsSecret
                && rendered.OfKind("ConfigMap").Any(map => map["data"]?[name] is not null)))
            {
                yield return $"CronJob {job}: {name} belongs into a Secret";
            }
        }
    }
}
