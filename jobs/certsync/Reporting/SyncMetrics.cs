using ClusterTrust.CertSync.Planning;
using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>The metrics of a run; alerts and dashboard use their names.</summary>
public static class SyncMetrics
{
    /// <summary>Certificates by action (<c>_total</c>); labels <c>action</c>, <c>reason</c>.</summary>
    public const string Items = "certsync_items";

    /// <summary>End of validity of the vault's certificate, Unix seconds; labels <c>vault</c>, <c>name</c>, <c>certificate_namespace</c>, <c>certificate_name</c>.</summary>
    public const string NotAfter = "certsync_certificate_not_after_timestamp_seconds";

    private static readonly JobCounter ItemCounter = JobMeter.CreateCounter(Items, "Certificates by what was done.");
    private static readonly JobGauge NotAfterGauge = JobMeter.CreateGauge(NotAfter, "End of validity of the certificate in the vault.");

    public static void Record(SyncReport report)
    {
        foreach (var line in report.Lines())
        {
            ItemCounter.Add(1, new("action", SyncReporter.NameOf(line.Kind)), new("reason", SyncReporter.NameOf(line.Reason)));
            if (EndInVault(line, report.Command) is { } end)
            {
                NotAfterGauge.Record(
                    end.ToUnixTimeSeconds(),
                    new("vault", line.Vault),
                    new("name", line.Name),
                    new("certificate_namespace", line.Sources.Length > 0 ? line.Sources[0].Namespace : ""),
                    new("certificate_name", report.CertificateOf(line)));
            }
        }
    }

    /// <summary>End of validity of what the vault has after the run: a plan imports nothing, and a refusal or failure leaves the current one.</summary>
    private static DateTimeOffset? EndInVault(SyncAction line, string command) => line switch
    {
        { Name: "" } or { Kind: ActionKind.Delete or ActionKind.Skip } => null,
        { Imports: true } when command != "plan" => line.NotAfter,
        _ => line.Current?.NotAfter,
    };
}
