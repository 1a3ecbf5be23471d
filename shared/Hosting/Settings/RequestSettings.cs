namespace ClusterTrust.Hosting.Settings;

/// <summary>The settings that say how patiently servers are spoken to; what is not given is as suits each server.</summary>
public static class RequestSettings
{
    /// <summary>How long one try may take.</summary>
    public static Setting<TimeSpan?> Timeout { get; } = Setting.Duration(
        "--request-timeout",
        "How long one try of a request may take; by default 60 seconds at the API server and with Git, 30 at Key Vault, Entra ID and GitHub's API, 15 at the public URL.",
        TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMinutes(10)).Optional();

    /// <summary>How often a request is sent again.</summary>
    public static Setting<int?> Retries { get; } = Setting.Number(
        "--retries",
        "How often a request is sent again whose failure may pass (no connection, no answer in time, 429, 5xx); by default 4 times at the API server, 5 at Key Vault, Entra ID and GitHub's API, 3 with Git.",
        0,
        20).Optional();

    /// <summary>All of them, for a command's list.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Timeout, Retries];
}
