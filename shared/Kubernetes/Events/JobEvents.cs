using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Kubernetes.Events;

/// <summary>
/// Writes an Event about the end of the run to its Job, which <c>kubectl describe job</c> shows even without the pod. Without a connection
/// there is no Event; the run then failed for that reason, which has been reported.
/// </summary>
/// <param name="job">The Job's name, in the connection's namespace.</param>
/// <param name="uid">Its uid; null when unknown.</param>
/// <param name="services">The services with the recorder, which cannot be created without a connection.</param>
internal sealed class JobEvents(string job, string? uid, IServiceProvider services, JobRun run) : IRunObserver
{
    public Task RunEndedAsync(JobResult result, CancellationToken cancellationToken) => services.GetRequiredService<EventRecorder>().RecordAsync(
        new V1ObjectReference
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            NamespaceProperty = services.GetRequiredService<KubernetesConnection>().Namespace,
            Name = job,
            Uid = uid,
        },
        isWarning: result.ExitCode is not (ExitCode.Done or ExitCode.ChangesPending or ExitCode.Terminated),
        ReasonOf(result.ExitCode),
        "Run",
        $"{run.Command}: {result.Message} (exit code {(int)result.ExitCode}, run {run.RunId})",
        cancellationToken);

    /// <summary>The Event's reason, distinct from those of the Job controller.</summary>
    private static string ReasonOf(ExitCode code) => code switch
    {
        ExitCode.Done or ExitCode.ChangesPending => "RunDone",
        ExitCode.Failed => "RunFailed",
        ExitCode.Usage => "RunMisconfigured",
        ExitCode.Refused => "RunRefused",
        _ => "RunStopped",
    };
}

public static class EventServices
{
    /// <summary>Adds an <see cref="EventRecorder"/>, and the Event about the end of the run if the settings name its Job.</summary>
    /// <param name="services">The services with the <see cref="KubernetesConnection"/>.</param>
    /// <param name="job">The job's name, such as <c>certsync</c>.</param>
    public static void AddEvents(this IServiceCollection services, SettingValues values, string job)
    {
        // A pod's host name is its own name.
        services.AddSingleton(provider => new EventRecorder(
            provider.GetRequiredService<KubernetesConnection>(),
            $"clustertrust.dev/{job}",
            Environment.MachineName,
            provider.GetRequiredService<ILogger<EventRecorder>>()));
        if (values.GetOrDefault(KubernetesSettings.JobName) is { } name)
        {
            var uid = values.GetOrDefault(KubernetesSettings.JobUid);
            services.AddSingleton<IRunObserver>(provider => new JobEvents(name, uid, provider, provider.GetRequiredService<JobRun>()));
        }
    }
}
