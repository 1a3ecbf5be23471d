using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.CertSync.Leases;

/// <summary>
/// A lease that is held and renewed in the background until it is released or lost. Timed as client-go's leader election: a lease of 15 s is
/// renewed every 3 s, and is lost when no renewal succeeded for 10 s. The 5 s until another may take it are for the item in hand.
/// </summary>
public sealed class HeldLease : IAsyncDisposable
{
    private readonly LeaseStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly TimeSpan _duration;
    private readonly Task _renewals;
    private V1Lease _lease;
    private int _isReleased;

    /// <param name="store">Writes the lease.</param>
    /// <param name="lease">The lease as acquired.</param>
    /// <param name="duration">Its duration as requested: what the server answered may be anything.</param>
    /// <param name="renewedAt">The timestamp before the write that acquired it: from then on, others may count its duration.</param>
    /// <param name="clock">The clock of renewals.</param>
    /// <param name="logger">Logs failed renewals and the loss.</param>
    internal HeldLease(LeaseStore store, V1Lease lease, TimeSpan duration, long renewedAt, TimeProvider clock, ILogger logger)
    {
        (_store, _lease, _duration, _clock, _logger) = (store, lease, duration, clock, logger);
        Lost = _lost.Token;
        _renewals = RenewAsync(renewedAt, _stop.Token);
    }

    /// <summary>Cancelled when another took the lease, or when it was not renewed for two thirds of its duration: finish the item in hand and stop.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Why the lease was lost, as a clause; null while it is held.</summary>
    public string? LossReason { get; private set; }

    /// <summary>The name of the lease with its namespace, for messages.</summary>
    public string Title => _store.Title;

    /// <summary>The time from <see cref="Lost"/> until another may hold the lease: a third of its duration.</summary>
    public TimeSpan AfterLoss => _duration - RenewDeadline;

    private TimeSpan RenewDeadline => _duration * 2 / 3;

    /// <summary>Stops renewing and releases the lease, so that the next run need not wait; gives up after <see cref="StopTimes.Lease"/>, and the lease then expires by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 1)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(StopTimes.Lease, _clock);
        await _stop.CancelAsync();
        await _renewals;
        try
        {
            if (!Lost.IsCancellationRequested)
            {
                await TryWriteAsync(_lease.Spec with { HolderIdentity = "", RenewTime = _clock.GetUtcNow().UtcDateTime }, timeout.Token);
            }
        }
        catch (JobException fault)
        {
            _logger.LeaseNotReleased(Title, fault.Message);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            _logger.LeaseNotReleased(Title, "the API server took too long.");
        }
        finally
        {
            _stop.Dispose();
            _lost.Dispose();
        }
    }

    private async Task RenewAsync(long renewedAt, CancellationToken cancellationToken)
    {
        try
        {
            while (LossReason is null)
            {
                // Neither the wait nor a renewal that hangs may outlive the deadline: soon after it another may take the lease.
                await Task.Delay(TimeSpan.FromTicks(Math.Min((_duration / 5).Ticks, Left().Ticks)), _clock, cancellationToken);
                using var deadline = new CancellationTokenSource(Left(), _clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                try
                {
                    var startedAt = _clock.GetTimestamp();
                    if (await TryWriteAsync(_lease.Spec with { RenewTime = _clock.GetUtcNow().UtcDateTime }, either.Token))
                    {
                        renewedAt = startedAt;
                    }
                    else
                    {
                        LossReason = "another client holds it";
                    }
                }
                catch (JobException fault) when (_clock.GetElapsedTime(renewedAt) < RenewDeadline)
                {
                    _logger.LeaseNotRenewed(Title, fault.Message);
                }
                catch (Exception fault) when (fault is JobException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    LossReason = "it could not be renewed in time";
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        _logger.LeaseLost(Title, LossReason);
        await _lost.CancelAsync();

        TimeSpan Left() => TimeSpan.FromTicks(Math.Max((RenewDeadline - _clock.GetElapsedTime(renewedAt)).Ticks, 0));
    }

    // False when another client holds the lease by now.
    private async Task<bool> TryWriteAsync(V1LeaseSpec spec, CancellationToken cancellationToken)
    {
        var holder = _lease.Spec.HolderIdentity;
        try
        {
            _lease = await _store.WriteAsync(_lease, _lease with { Spec = spec }, cancellationToken);
            return true;
        }
        catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // The answer to an earlier write may have been lost: then the lease is still ours in a newer version.
            if (await _store.ReadAsync(cancellationToken) is not { } current || current.Spec.HolderIdentity != holder)
            {
                return false;
            }

            _lease = await _store.WriteAsync(current, current with { Spec = spec }, cancellationToken);
            return true;
        }
    }
}
