using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>The metrics of a <c>verify</c>; alerts and dashboard use their names.</summary>
public static class ServingMetrics
{
    /// <summary>
    /// 1 if an endpoint serves the vault's newest certificate, or an older one within the propagation time; 0 if it does not; not set if
    /// it is not known. Labels <c>endpoint</c>, <c>vault</c>, <c>name</c>.
    /// </summary>
    public const string UpToDate = "certsync_endpoint_up_to_date";

    /// <summary>End of validity of the certificate that an endpoint serves, Unix seconds; labels <c>endpoint</c>, <c>vault</c>, <c>name</c>.</summary>
    public const string NotAfter = "certsync_endpoint_not_after_timestamp_seconds";

    private static readonly JobGauge UpToDateGauge = JobMeter.CreateGauge(UpToDate, "Whether the endpoint serves the certificate in the vault.");
    private static readonly JobGauge NotAfterGauge = JobMeter.CreateGauge(NotAfter, "End of validity of the certificate that the endpoint serves.");

    public static void Record(ServingReport report)
    {
        foreach (var line in report.Lines())
        {
            KeyValuePair<string, object?>[] labels = [new("endpoint", line.Endpoint), new("vault", line.Vault), new("name", line.Name)];
            if (line.IsUpToDate is { } isUpToDate)
            {
                UpToDateGauge.Record(isUpToDate ? 1 : 0, labels);
            }

            if (line.Served is { } served)
            {
                NotAfterGauge.Record(served.NotAfter.ToUnixTimeSeconds(), labels);
            }
        }
    }
}
