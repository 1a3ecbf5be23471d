using Microsoft.Extensions.Hosting;

namespace ClusterTrust.Hosting;

/// <summary>Leaves the process's signals to <see cref="StopSignals"/>: a job is asked to stop, not torn down.</summary>
internal sealed class JobLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
