using Microsoft.Extensions.Hosting;

namespace ClusterTrust.Sandbox.Servers;

/// <summary>
/// A server lives from its start to its stop, whatever signals its process gets: those are for whoever runs it, and a host of its own
/// would take one for its end.
/// </summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
