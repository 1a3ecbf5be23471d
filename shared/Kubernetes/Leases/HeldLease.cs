using System.Net;
using ClusterTrust.Hosting;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Leases;

/// <summary>A lease that is held and renewed in the background until it is released or lost.</summary>
public sealed class HeldLease : IAsyncDisposable
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);

    private readonly LeaseStore store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource lost = new();
    private readonly Task renewals;
    private Lease lease;
    private int released;

    internal HeldLease(LeaseStore store, Lease lease, TimeProvider clock, ILogger logger)
    {
        (this.store, this.lease, this.clock, this.logger) = (store, lease, clock, logger);
        Lost = lost.Token;
        renewals = RenewAsync(stop.Token);
    }

    /// <summary>Is cancelled when someone else took the lease or it could not be renewed in time: finish the item in hand and stop.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Stops renewing and gives the lease back, so that the next run need not wait. A lease that cannot be given back ends by itself.</summary>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref released, 1) == 1)
        {
            return;
        }

        await stop.CancelAsync();
        await renewals;
        try
        {
            if (!Lost.IsCancellationRequested)
            {
                await TryWriteAsync(lease.Spec with { HolderIdentity = "", RenewTime = clock.GetUtcNow() }, cancellation);
            }
        }
        catch (JobException fault)
        {
            logger.LeaseNotReleased(store.Title, fault.Message);
        }
        finally
        {
            stop.Dispose();
            lost.Dispose();
        }
    }

    /// <summary>Releases the lease, waiting at most five seconds for the API server.</summary>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(ReleaseTimeout, clock);
        try
        {
            await ReleaseAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            logger.LeaseNotReleased(store.Title, "the API server took too long.");
        }
    }

    private async Task RenewAsync(CancellationToken cancellation)
    {
        var duration = TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 1);
        var renewedAt = clock.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(duration / 3, clock, cancellation);

                // A renewal that hangs must not outlive the lease: the one that follows would find it taken.
                using var end = new CancellationTokenSource(Positive(duration - clock.GetElapsedTime(renewedAt)), clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, end.Token);
                try
                {
                    var startedAt = clock.GetTimestamp();
                    if (!await TryWriteAsync(lease.Spec with { RenewTime = clock.GetUtcNow() }, either.Token))
                    {
                        logger.LeaseLost(store.Title, "someone else holds it");
                        break;
                    }

                    renewedAt = startedAt;
                }
                catch (JobException fault) when (clock.GetElapsedTime(renewedAt) < duration)
                {
                    logger.LeaseNotRenewed(store.Title, fault.Message);
                }
                catch (Exception fault) when (fault is JobException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
                {
                    logger.LeaseLost(store.Title, "it could not be renewed in time");
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }

        await lost.CancelAsync();
    }

    // False when someone else holds the lease by now.
    private async Task<bool> TryWriteAsync(LeaseSpec spec, CancellationToken cancellation)
    {
        var holder = lease.Spec.HolderIdentity;
        try
        {
            lease = await store.WriteAsync(lease, lease with { Spec = spec }, cancellation);
            return true;
        }
        catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // The answer to an earlier write may have been lost: then the lease is still ours in a newer version.
            if (await store.ReadAsync(cancellation) is not { } current || current.Spec.HolderIdentity != holder)
            {
                return false;
            }

            lease = await store.WriteAsync(current, current with { Spec = spec }, cancellation);
            return true;
        }
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
