namespace ClusterTrust.Hosting.Settings;

/// <summary>The timeout and the retries of requests to any server; each server has its own defaults.</summary>
public static class RequestSettings
{
    public static Setting<TimeSpan?> Timeout { get; } = Setting.Duration(
        "--request-timeout",
        "The timeout of each attempt of a request. Defaults to 60 seconds for the API server and Git, 30 for Key Vault, Entra ID and GitHub's API, 15 for the public URL, 10 for the endpoints of certsync verify.",
        TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMinutes(10)).Optional();

    public static Setting<int?> Retries { get; } = Setting.Number(
        "--retries",
        "The maximum number of retries of a request after a transient fault (no connection, timeout, 429, 5xx). Defaults to 4 for the API server, 5 for Key Vault, Entra ID and GitHub's API, 3 for Git.",
        0,
        20).Optional();

    public static IReadOnlyList<Setting> All { get; } = [Timeout, Retries];
}
