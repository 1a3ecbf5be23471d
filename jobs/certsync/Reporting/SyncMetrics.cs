using ClusterTrust.CertSync.Planning;
using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>What a run of certsync measures; the names are those of the alerts and the dashboard.</summary>
public static class SyncMetrics
{
    /// <summary>Certificates by what was done (<c>_total</c>); <c>action</c>, <c>reason</c>.</summary>
    public const string Items = "certsync_items";

    /// <summary>End of validity of the vault's certificate, Unix seconds; <c>vault</c>, <c>name</c>, <c>certificate_namespace</c>, <c>certificate_name</c>.</summary>
    public const string NotAfter = "certsync_certificate_not_after_timestamp_seconds";

    private static readonly JobCounter ItemCounter = JobMeter.CreateCounter(Items, "Certificates by what was done.");
    private static readonly JobGauge NotAfterGauge = JobMeter.CreateGauge(NotAfter, "End of validity of the certificate in the vault.");

    /// <summary>Records a run that is over.</summary>
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

    /// <summary>A plan imports nothing, and what was refused or failed leaves the vault's own.</summary>
    private static DateTimeOffset? EndInVault(SyncAction line, string command) => line switch
    {
        { Name: "" } or { Kind: ActionKind.Delete or ActionKind.Skip } => null,
        { Imports: true } when command != "plan" => line.NotAfter,
        _ => line.Current?.NotAfter,
    };
}
