using ClusterTrust.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes;

/// <summary>The settings that say which cluster a command speaks to.</summary>
public static class KubernetesSettings
{
    /// <summary>The kubeconfig.</summary>
    /// <remarks><c>KUBECONFIG</c> is no alias of it: the variable comes after the pod's own ServiceAccount, the flag before.</remarks>
    public static Setting<string?> Kubeconfig { get; } = Setting.FilePath(
        "--kubeconfig",
        "The kubeconfig that leads to the cluster. Unless given: the pod's own ServiceAccount, else KUBECONFIG, else ~/.kube/config.").Optional();

    /// <summary>The kubeconfig's context.</summary>
    public static Setting<string?> Context { get; } = Setting.Text(
        "--context",
        "The context of the kubeconfig; its current-context unless given.",
        "NAME").Optional();

    /// <summary>The run's own Job.</summary>
    public static Setting<string?> JobName { get; } = Setting.Text(
        "--job-name",
        "The Job that this run belongs to, in its own namespace; its Events then tell how the run ended (needs create on events.k8s.io there).",
        "NAME").Optional();

    /// <summary>The uid of the run's own Job.</summary>
    public static Setting<string?> JobUid { get; } = Setting.Text(
        "--job-uid",
        "The uid of that Job, without which kubectl describe does not find its Events.",
        "UID").Optional();

    /// <summary>All of them, for a command's list, with those of every server that is spoken to.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Kubeconfig, Context, JobName, JobUid, .. RequestSettings.All];

    /// <summary>Connects to the API server that the settings and the environment name.</summary>
    /// <param name="values">What the user set.</param>
    /// <param name="userAgent">The job's name, which becomes the field manager of what it writes.</param>
    /// <param name="services">Has the clock and the log.</param>
    public static KubernetesConnection Connect(SettingValues values, string userAgent, IServiceProvider services) => KubernetesConnection.Open(
        Options(values, userAgent),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<KubernetesConnection>>(),
        KubernetesEnvironment.OfThisProcess with { Variable = values.Variable });

    /// <summary>The options that the settings make.</summary>
    /// <param name="values">What the user set.</param>
    /// <param name="userAgent">The job's name, which becomes the field manager of what it writes.</param>
    public static KubernetesOptions Options(SettingValues values, string userAgent)
    {
        var usual = new KubernetesOptions();
        return usual with
        {
            KubeconfigPath = values.Get(Kubeconfig),
            Context = values.Get(Context),
            UserAgent = userAgent,
            Attempts = values.Get(RequestSettings.Retries) + 1 ?? usual.Attempts,
            TryTimeout = values.Get(RequestSettings.Timeout) ?? usual.TryTimeout,
        };
    }
}
