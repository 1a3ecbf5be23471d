using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Kubernetes;

/// <summary>The settings that select the cluster.</summary>
public static class KubernetesSettings
{
    /// <remarks><c>KUBECONFIG</c> is not an alias: the pod's ServiceAccount overrides the variable, but not the flag.</remarks>
    public static Setting<string?> Kubeconfig { get; } = Setting.FilePath(
        "--kubeconfig",
        "The kubeconfig file. Defaults to the pod's ServiceAccount, then KUBECONFIG, then ~/.kube/config.").Optional();

    public static Setting<string?> Context { get; } = Setting.Text(
        "--context",
        "The context of the kubeconfig. Defaults to its current-context.",
        "NAME").Optional();

    public static Setting<string?> JobName { get; } = Setting.Text(
        "--job-name",
        "The Job of this run, in the pod's namespace. Events on it report how the run ended (requires create on events.k8s.io there).",
        "NAME").Optional();

    public static Setting<string?> JobUid { get; } = Setting.Text(
        "--job-uid",
        "The uid of that Job. Without it, kubectl describe does not show its Events.",
        "UID").Optional();

    /// <summary>All settings of this class, and those of requests to any server.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Kubeconfig, Context, JobName, JobUid, .. RequestSettings.All];

    /// <summary>Connects to the API server that the settings and the environment name.</summary>
    /// <param name="userAgent">The job's name, which becomes the field manager of written objects.</param>
    public static KubernetesConnection Connect(SettingValues values, string userAgent, IServiceProvider services) => KubernetesConnection.Open(
        Options(values, userAgent),
        KubernetesEnvironment.Of(values.Variable),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<KubernetesConnection>>());

    internal static KubernetesOptions Options(SettingValues values, string userAgent)
    {
        var defaults = new KubernetesOptions();
        return defaults with
        {
            KubeconfigPath = values.Get(Kubeconfig),
            Context = values.Get(Context),
            UserAgent = userAgent,
            Attempts = values.Get(RequestSettings.Retries) + 1 ?? defaults.Attempts,
            TryTimeout = values.Get(RequestSettings.Timeout) ?? defaults.TryTimeout,
        };
    }
}
