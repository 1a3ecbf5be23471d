namespace ClusterTrust.Hosting.Settings;

/// <summary>The timeout and the retries of requests to any server; each server has its own defaults.</summary>
public static class RequestSettings
{
    /// <summary>The maximum time of one try, 100 ms to 10 min.</summary>
    public static Setting<TimeSpan?> Timeout { get; } = Setting.Duration(
        "--request-timeout",
        "How long one try of a request may take; by default 60 seconds at the API server and with Git, 30 at Key Vault, Entra ID and GitHub's API, 15 at the public URL, 10 at the endpoints of certsync verify.",
        TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMinutes(10)).Optional();

    /// <summary>The maximum number of retries of a request, 0 to 20.</summary>
    public static Setting<int?> Retries { get; } = Setting.Number(
        "--retries",
        "How often a request is sent again whose failure may pass (no connection, no answer in time, 429, 5xx); by default 4 times at the API server, 5 at Key Vault, Entra ID and GitHub's API, 3 with Git.",
        0,
        20).Optional();

    /// <summary>All settings of this class.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Timeout, Retries];
}
