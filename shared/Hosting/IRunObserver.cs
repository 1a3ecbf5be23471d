namespace ClusterTrust.Hosting;

/// <summary>Is told how a run ended, while the run's services are still there. What goes wrong with it never fails a run.</summary>
public interface IRunObserver
{
    /// <summary>The run ended, in whatever way.</summary>
    /// <param name="result">How.</param>
    Task RunEndedAsync(JobResult result);
}
