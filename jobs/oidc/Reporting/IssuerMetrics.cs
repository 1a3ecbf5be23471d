using ClusterTrust.Oidc.Verification;
using ClusterTrust.Telemetry;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>The metrics of oidc; alerts and the dashboard use their names.</summary>
internal static class IssuerMetrics
{
    /// <summary>Keys published, by <c>state</c>: added, kept, retained; <c>issuer</c>.</summary>
    public const string Keys = "oidc_keys";

    /// <summary>Age of the key set that the public URL serves, seconds (HTTP's <c>Age</c>); <c>issuer</c>.</summary>
    public const string PublishedAge = "oidc_published_age_seconds";

    /// <summary>1 when the public URL serves what was published, 0 when it does not; <c>issuer</c>. Not set if it could not be checked.</summary>
    public const string Served = "oidc_public_url_serves_published";

    private static readonly JobGauge KeysGauge = JobMeter.CreateGauge(Keys, "Keys published.");
    private static readonly JobGauge AgeGauge = JobMeter.CreateGauge(PublishedAge, "Age of the key set that the public URL serves.");
    private static readonly JobGauge ServedGauge = JobMeter.CreateGauge(Served, "Whether the public URL serves what was published.");

    public static void Record(SitePlan plan, string issuer)
    {
        Set("added", plan.Retention.Added.Count);
        Set("kept", plan.Retention.Kept.Count);
        Set("retained", plan.Retention.Retained.Count);

        void Set(string state, int count) => KeysGauge.Record(count, new("issuer", issuer), new("state", state));
    }

    public static void Record(VerificationReport report)
    {
        if (report.Result != CheckResult.Unreachable)
        {
            ServedGauge.Record(report.Result <= CheckResult.Warning ? 1 : 0, new KeyValuePair<string, object?>("issuer", report.Issuer));
        }

        if (report.KeySetAge is { } age)
        {
            AgeGauge.Record(age.TotalSeconds, new KeyValuePair<string, object?>("issuer", report.Issuer));
        }
    }
}
