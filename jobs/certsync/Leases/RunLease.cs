using ClusterTrust.Kubernetes;
using k8s.Models;

namespace ClusterTrust.CertSync.Leases;

/// <summary>
/// A Lease that is renewed in the background until it is released or lost. Of two clients that write at once, the API server refuses one.
/// Timed as client-go's leader election: a Lease of 15 s is renewed every 3 s, and is lost when no renewal succeeded for 10 s. The 5 s until
/// another run may acquire it are for the current items.
/// </summary>
/// <remarks>
/// A Lease ends at <c>renewTime + leaseDurationSeconds</c> by the holder's clock, which may be wrong, like the clock of this run. Therefore it is
/// acquired from its holder only when it ended longer ago than clocks differ, or when it was watched for its whole duration and not renewed.
/// </remarks>
/// <param name="connection">Needs <c>get</c>, <c>create</c> and <c>update</c> on <c>leases</c> of <c>coordination.k8s.io</c> in the namespace.</param>
/// <param name="name">Its name; created when missing.</param>
/// <param name="holder">Unique to the run.</param>
public sealed class RunLease(KubernetesConnection connection, string ns, string name, string holder, TimeProvider clock, ILogger<RunLease> logger) : IRunLease
{
    /// <summary>The time for which a run that was killed blocks others: 15 s.</summary>
    internal static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private const int MaxRounds = 5;

    private static readonly TimeSpan RenewDeadline = Duration * 2 / 3;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    // Synchronized clocks differ by less.
    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(1);

    private readonly LeaseStore _store = new(connection, ns, name);

    // Not disposed of: they have no timers, and Lost may be read after the release.
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private (string? Version, long At) _observed;
    private V1Lease? _held;
    private Task _renewals = Task.CompletedTask;
    private int _isReleased;

    public CancellationToken Lost => _lost.Token;

    public TimeSpan AfterLoss => Duration - RenewDeadline;

    public JobException? Loss { get; private set; }

    /// <exception cref="KubernetesException">The API server cannot be reached or does not allow it.</exception>
    public async Task<string?> AcquireAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? firstEnd = null;
        for (var start = clock.GetTimestamp(); ; await Task.Delay(PollInterval, clock, cancellationToken))
        {
            if (await TryAcquireAsync(cancellationToken) is not { } other)
            {
                return null;
            }

            var (end, duration) = (EndOf(other), DurationOf(other));
            firstEnd ??= end;
            var isAlive = end != firstEnd;
            var isLong = duration > 2 * Duration;
            if (isLong && other.RenewTime > clock.GetUtcNow().UtcDateTime + MaxClockDifference)
            {
                throw new JobException(string.Create(CultureInfo.InvariantCulture,
                    $"The lease {_store.Title} of {Sanitizer.Sanitize(other.HolderIdentity, 200)} was renewed at {other.RenewTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, in the future: check the clocks of the nodes and, if no other run is active, delete it (kubectl delete lease {_store.Arguments})."));
            }

            if (isAlive || isLong || clock.GetElapsedTime(start) > duration + Duration)
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"another run holds the lease {_store.Title}: {Sanitizer.Sanitize(other.HolderIdentity, 200)}, since {other.AcquireTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; nothing was done");
            }
        }
    }

    /// <summary>Stops renewing and releases the Lease, so that the next run need not wait; gives up after <see cref="StopTimes.Lease"/>, and the Lease then expires by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 1)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(StopTimes.Lease, clock);
        await _stop.CancelAsync();
        await _renewals;
        try
        {
            if (_held is not null && Loss is null)
            {
                await TryWriteAsync(_held.Spec with { HolderIdentity = "", RenewTime = clock.GetUtcNow().UtcDateTime }, timeout.Token);
            }
        }
        catch (Exception fault)
        {
            // The work is done, and no fault of the release changes its result.
            logger.LeaseNotReleased(_store.Title, fault is OperationCanceledException ? "the API server took too long." : fault.Message);
        }
    }

    /// <summary>Acquires the Lease if it is free, ended, or already this run's. Repeated calls detect whether another holder renews it.</summary>
    /// <returns>Null if this run holds it now; otherwise the spec that another client wrote.</returns>
    internal async Task<V1LeaseSpec?> TryAcquireAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var current = await _store.ReadAsync(cancellationToken);
            var (now, startedAt) = (clock.GetUtcNow(), clock.GetTimestamp());
            if (current is { Spec: { HolderIdentity.Length: > 0 } spec } && spec.HolderIdentity != holder && !IsOver(current, now))
            {
                return spec;
            }

            try
            {
                _held = await _store.WriteAsync(current, _store.Acquire(current, holder, Duration, now.UtcDateTime), cancellationToken);
                _renewals = RenewAsync(startedAt, _stop.Token);
                return null;
            }
            catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Conflict || (current is not null && fault.Status is HttpStatusCode.NotFound))
            {
                // Another client was faster, or the response to an earlier request was lost: the current holder shows which.
            }
        }

        throw new JobException($"The lease {_store.Title} keeps changing while it is acquired: check which other client writes it (kubectl get lease {_store.Arguments} -o yaml).");
    }

    /// <param name="renewedAt">The timestamp before the write that acquired it: from then on, others may count its duration.</param>
    private async Task RenewAsync(long renewedAt, CancellationToken cancellationToken)
    {
        string? reason = null;
        var refusal = "";
        try
        {
            while (reason is null)
            {
                // Neither the wait nor a renewal that hangs may outlive the deadline: soon after it another run may acquire the Lease.
                await Task.Delay(TimeSpan.FromTicks(Math.Min((Duration / 5).Ticks, Left().Ticks)), clock, cancellationToken);
                using var deadline = new CancellationTokenSource(Left(), clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                try
                {
                    var startedAt = clock.GetTimestamp();
                    reason = await TryWriteAsync(_held!.Spec with { RenewTime = clock.GetUtcNow().UtcDateTime }, either.Token);
                    renewedAt = reason is null ? startedAt : renewedAt;
                }
                catch (Exception fault) when (fault is not OperationCanceledException && clock.GetElapsedTime(renewedAt) < RenewDeadline)
                {
                    refusal = fault is KubernetesException { Status: < HttpStatusCode.InternalServerError } ? $": {fault.Message.TrimEnd('.')}" : "";
                    logger.LeaseNotRenewed(_store.Title, fault.Message);
                }
                catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    reason = $"it could not be renewed in time{refusal}";
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        Loss = new JobException($"The run was stopped because it lost the lease {_store.Title} ({reason}): run again, and check the API server's health if it happens often.");
        logger.LeaseLost(_store.Title, reason);
        await _lost.CancelAsync();

        TimeSpan Left() => TimeSpan.FromTicks(Math.Max((RenewDeadline - clock.GetElapsedTime(renewedAt)).Ticks, 0));
    }

    /// <returns>Null, or why the Lease is not this run's any more.</returns>
    private async Task<string?> TryWriteAsync(V1LeaseSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            _held = await _store.WriteAsync(_held, _held! with { Spec = spec }, cancellationToken);
            return null;
        }
        catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // The response to an earlier write may have been lost: then the Lease is still this run's in a newer version.
            if (await _store.ReadAsync(cancellationToken) is not { } current)
            {
                return "it was deleted";
            }

            if (current.Spec.HolderIdentity != holder)
            {
                return "another client holds it";
            }

            _held = await _store.WriteAsync(current, current with { Spec = spec }, cancellationToken);
            return null;
        }
    }

    private bool IsOver(V1Lease lease, DateTimeOffset now)
    {
        var version = $"{lease.Metadata.ResourceVersion} {lease.Spec.RenewTime:O}";
        if (_observed.Version != version)
        {
            _observed = (version, clock.GetTimestamp());
        }

        return EndOf(lease.Spec) is not { } end || now - end >= MaxClockDifference || clock.GetElapsedTime(_observed.At) >= DurationOf(lease.Spec);
    }

    private static DateTimeOffset? EndOf(V1LeaseSpec spec) =>
        spec.RenewTime is not { } renewed ? null : renewed < DateTimeOffset.MaxValue - MaxDuration ? renewed + DurationOf(spec) : DateTimeOffset.MaxValue;

    private static TimeSpan DurationOf(V1LeaseSpec spec) =>
        TimeSpan.FromSeconds(Math.Clamp(spec.LeaseDurationSeconds ?? 0, 0, MaxDuration.TotalSeconds));
}

internal static partial class LeaseLog
{
    [LoggerMessage(EventId = 21, EventName = "LeaseNotRenewed", Level = LogLevel.Debug, Message = "Lease {Lease} was not renewed, the next try follows: {Fault}")]
    public static partial void LeaseNotRenewed(this ILogger logger, string lease, string fault);

    [LoggerMessage(EventId = 22, EventName = "LeaseLost", Level = LogLevel.Warning, Message = "Lease {Lease} is lost: {Cause}")]
    public static partial void LeaseLost(this ILogger logger, string lease, string cause);

    [LoggerMessage(EventId = 23, EventName = "LeaseNotReleased", Level = LogLevel.Warning, Message = "Lease {Lease} was not released and expires by itself: {Cause}")]
    public static partial void LeaseNotReleased(this ILogger logger, string lease, string cause);
}
