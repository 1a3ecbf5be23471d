using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>The metrics of a run; alerts and dashboard use their names.</summary>
public static class CertSyncMetrics
{
    /// <summary>Certificates by action (<c>_total</c>); labels <c>action</c>, <c>reason</c>.</summary>
    public const string Items = "certsync_items";

    /// <summary>End of validity of the vault's certificate, Unix seconds; labels <c>vault</c>, <c>name</c>, <c>certificate_namespace</c>, <c>certificate_name</c>.</summary>
    public const string NotAfter = "certsync_certificate_not_after_timestamp_seconds";

    /// <summary>
    /// 1 if an endpoint serves the vault's newest certificate, or an older one within the propagation time; 0 if it does not; not set if
    /// it is not known. Labels <c>endpoint</c>, <c>vault</c>, <c>name</c>.
    /// </summary>
    public const string EndpointUpToDate = "certsync_endpoint_up_to_date";

    /// <summary>End of validity of the certificate that an endpoint serves, Unix seconds; labels <c>endpoint</c>, <c>vault</c>, <c>name</c>.</summary>
    public const string EndpointNotAfter = "certsync_endpoint_not_after_timestamp_seconds";

    private static readonly JobCounter ItemCounter = JobMeter.CreateCounter(Items, "Certificates by what was done.");
    private static readonly JobGauge NotAfterGauge = JobMeter.CreateGauge(NotAfter, "End of validity of the certificate in the vault.");
    private static readonly JobGauge UpToDateGauge = JobMeter.CreateGauge(EndpointUpToDate, "Whether the endpoint serves the certificate in the vault.");
    private static readonly JobGauge EndpointNotAfterGauge = JobMeter.CreateGauge(EndpointNotAfter, "End of validity of the certificate that the endpoint serves.");

    public static void Record(IEnumerable<SyncAction> lines, bool isPlan, SecretFilter filter)
    {
        foreach (var line in lines)
        {
            ItemCounter.Add(1, new("action", Json.NameOf(line.Kind)), new("reason", Json.NameOf(line.Reason)));
            if (EndInVault(line, isPlan) is { } end)
            {
                var owner = line.Sources.Length > 0 ? line.Sources[0].Namespace : "";
                NotAfterGauge.Record(
                    end.ToUnixTimeSeconds(),
                    new("vault", line.Vault),
                    new("name", line.Name),
                    new("certificate_namespace", owner),
                    new("certificate_name", filter.NamesOf(line.Sources.Where(secret => secret.Namespace == owner))));
            }
        }
    }

    public static void Record(IEnumerable<EndpointCheck> lines)
    {
        foreach (var line in lines)
        {
            KeyValuePair<string, object?>[] labels = [new("endpoint", line.Endpoint), new("vault", line.Vault), new("name", line.Name)];
            if (line.IsUpToDate is { } isUpToDate)
            {
                UpToDateGauge.Record(isUpToDate ? 1 : 0, labels);
            }

            if (line.Served is { } served)
            {
                EndpointNotAfterGauge.Record(served.NotAfter.ToUnixTimeSeconds(), labels);
            }
        }
    }

    /// <summary>
    /// End of validity of the certificate in the vault after the run: a plan imports nothing, and a refusal or failure leaves the current one. None for
    /// Secrets of other namespaces than the owner's: any namespace could label the certificate of another with its own name otherwise.
    /// </summary>
    private static DateTimeOffset? EndInVault(SyncAction line, bool isPlan) => line switch
    {
        { Name: "" } or { Kind: ActionKind.Delete or ActionKind.Skip } or { Reason: Reason.AnotherNamespace } => null,
        { Imports: true } when !isPlan => line.NotAfter,
        { Writes: false, Sources: [_, ..], Current: { } current } when Ownership.NamespaceOf(current) is { } owner && line.Sources.All(secret => secret.Namespace != owner) => null,
        _ => line.Current?.NotAfter,
    };
}
