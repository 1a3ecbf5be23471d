using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Events;

/// <summary>Adds what writes Events to a job's services.</summary>
public static class EventServices
{
    /// <summary>Adds an <see cref="EventRecorder"/>, and the Event on the run's own Job where the settings name it.</summary>
    /// <param name="services">They have the <see cref="KubernetesConnection"/>.</param>
    /// <param name="values">Name the Job, or not.</param>
    /// <param name="job">The job's name, such as <c>certsync</c>.</param>
    public static IServiceCollection AddEvents(this IServiceCollection services, SettingValues values, string job)
    {
        // A pod's host name is its own name.
        services.AddSingleton(provider => new EventRecorder(
            provider.GetRequiredService<KubernetesConnection>(),
            $"clustertrust.dev/{job}",
            Environment.MachineName,
            provider.GetRequiredService<ILogger<EventRecorder>>()));
        if (values.TryGet(KubernetesSettings.JobName, out var name) && name is not null)
        {
            values.TryGet(KubernetesSettings.JobUid, out var uid);
            services.AddSingleton<IRunObserver>(provider => new JobEvents(name, uid, provider, provider.GetRequiredService<JobRun>()));
        }

        return services;
    }
}
