using ClusterTrust.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Kubernetes.Events;

/// <summary>
/// Puts how a run ended on the Job it belongs to, where <c>kubectl describe job</c> shows it, also when the pod is gone. One Event a pod;
/// never fails a run, and never holds it up for long.
/// </summary>
/// <param name="job">The Job's name, in the connection's namespace.</param>
/// <param name="uid">Its uid; null when unknown.</param>
/// <param name="services">Have the recorder, unless the run failed for want of a connection.</param>
/// <param name="run">The run.</param>
internal sealed class JobEvents(string job, string? uid, IServiceProvider services, JobRun run) : IRunObserver
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task RunEndedAsync(JobResult result)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            var space = services.GetRequiredService<KubernetesConnection>().Namespace;
            await services.GetRequiredService<EventRecorder>().RecordAsync(
                ObjectReference.Job(space, job, uid),
                result.ExitCode is ExitCode.Done or ExitCode.ChangesPending or ExitCode.Terminated ? EventType.Normal : EventType.Warning,
                ReasonOf(result.ExitCode),
                "Run",
                $"{run.Command}: {result.Summary.Message} (exit code {(int)result.ExitCode}, run {run.RunId})",
                timeout.Token);
        }
        catch (JobException)
        {
            // There is no connection. That is why the run failed, and it has been told.
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // The API server is slow; the termination message says the same.
        }
    }

    /// <summary>The Event's reason; other words than the Job controller's own, which say what became of the Job.</summary>
    private static string ReasonOf(ExitCode code) => code switch
    {
        ExitCode.Done or ExitCode.ChangesPending => "RunDone",
        ExitCode.Failed => "RunFailed",
        ExitCode.Usage => "RunMisconfigured",
        ExitCode.Refused => "RunRefused",
        _ => "RunStopped",
    };
}
