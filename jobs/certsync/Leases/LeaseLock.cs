using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Text;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.CertSync.Leases;

/// <summary>
/// Prevents concurrent runs with a Lease and optimistic locking: of two clients that write at once, one is refused.
/// A lease ends at <c>renewTime + leaseDurationSeconds</c> by the holder's clock, which may be wrong, like the clock of this run. Therefore
/// it is taken from its holder only when it ended longer ago than clocks differ, or when it was watched for its whole duration and not
/// renewed, as in client-go's leader election. A live holder renews several times per duration.
/// </summary>
/// <param name="connection">Needs <c>get</c>, <c>create</c> and <c>update</c> on <c>leases</c> of <c>coordination.k8s.io</c> in the namespace.</param>
/// <param name="clock">The clock of acquisitions and renewals.</param>
/// <param name="logger">Logs failed renewals.</param>
public sealed class LeaseLock(KubernetesConnection connection, TimeProvider clock, ILogger<LeaseLock> logger)
{
    private const int MaxRounds = 5;

    // Synchronized clocks differ by less.
    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(1);

    private (string Version, long At) _seen = ("", 0);

    /// <summary>
    /// Takes the lease if it is free, ended, or already held by the same holder. Repeated calls on the same object detect whether another
    /// holder renews.
    /// </summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name; created when missing.</param>
    /// <param name="holder">The holder: unique to the run, such as the pod's name.</param>
    /// <param name="duration">The time for which a dead holder blocks others; at least a second.</param>
    /// <exception cref="KubernetesException">The API server cannot be reached or does not allow it.</exception>
    public async Task<LeaseAttempt> TryAcquireAsync(string ns, string name, string holder, TimeSpan duration, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.FromSeconds(1));
        var store = new LeaseStore(connection, ns, name);
        for (var round = 0; round < MaxRounds; round++)
        {
            var current = await store.ReadAsync(cancellationToken);
            var (now, startedAt) = (clock.GetUtcNow(), clock.GetTimestamp());
            if (current is not null && current.Spec.HolderIdentity is { Length: > 0 } other && other != holder && !IsOver(store, current, now))
            {
                return new LeaseAttempt(null, Sanitizer.Sanitize(other, 200), current.Spec.AcquireTime, End(current.Spec), Lasts(current.Spec));
            }

            try
            {
                var taken = await store.WriteAsync(current, Taken(current, name, ns, holder, duration, now), cancellationToken);
                return new LeaseAttempt(new HeldLease(store, taken, duration, startedAt, clock, logger), holder, taken.Spec.AcquireTime, End(taken.Spec), duration);
            }
            catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Conflict || (current is not null && fault.Status is HttpStatusCode.NotFound))
            {
                // Another client was faster, or the answer to an earlier request was lost: the current holder shows which.
            }
        }

        throw new JobException($"The lease {ns}/{name} keeps changing while it is acquired: check which other client writes it (kubectl get lease -n {ns} {name} -o yaml).");
    }

    private bool IsOver(LeaseStore store, V1Lease lease, DateTimeOffset now)
    {
        var version = $"{store.Title} {lease.Metadata.ResourceVersion} {lease.Spec.RenewTime:O}";
        if (_seen.Version != version)
        {
            _seen = (version, clock.GetTimestamp());
        }

        return End(lease.Spec) is not { } end
            || now - end >= MaxClockDifference
            || clock.GetElapsedTime(_seen.At) >= Lasts(lease.Spec);
    }

    private static DateTimeOffset? End(V1LeaseSpec spec) =>
        spec.RenewTime is not { } renewed ? null : renewed < DateTimeOffset.MaxValue - MaxDuration ? renewed + Lasts(spec) : DateTimeOffset.MaxValue;

    private static TimeSpan Lasts(V1LeaseSpec spec) =>
        TimeSpan.FromSeconds(Math.Clamp(spec.LeaseDurationSeconds ?? 0, 0, MaxDuration.TotalSeconds));

    private static V1Lease Taken(V1Lease? current, string name, string ns, string holder, TimeSpan duration, DateTimeOffset now)
    {
        var isOurs = current?.Spec.HolderIdentity == holder;
        var lease = current ?? new V1Lease
        {
            ApiVersion = "coordination.k8s.io/v1",
            Kind = "Lease",
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns },
            Spec = new V1LeaseSpec { LeaseTransitions = -1 },
        };
        return lease with
        {
            Spec = lease.Spec with
            {
                HolderIdentity = holder,
                LeaseDurationSeconds = (int)Math.Ceiling(duration.TotalSeconds),
                AcquireTime = isOurs ? lease.Spec.AcquireTime ?? now.UtcDateTime : now.UtcDateTime,
                RenewTime = now.UtcDateTime,
                LeaseTransitions = (lease.Spec.LeaseTransitions ?? 0) + (isOurs ? 0 : 1),
            },
        };
    }
}

/// <summary>The result of an attempt to take a lease.</summary>
/// <param name="Held">The lease; disposing releases it. Null when another client holds it.</param>
/// <param name="Holder">The current holder.</param>
/// <param name="Since">The time of acquisition, by the holder's clock; null when it is not set.</param>
/// <param name="Until">The time at which the lease ends unless renewed, by the holder's clock; null when it is not set.</param>
/// <param name="Lasts">The time for which a holder that does not renew blocks others.</param>
public sealed record LeaseAttempt(HeldLease? Held, string Holder, DateTimeOffset? Since, DateTimeOffset? Until, TimeSpan Lasts);

internal static partial class LeaseLog
{
    [LoggerMessage(EventId = 21, EventName = "LeaseNotRenewed", Level = LogLevel.Debug, Message = "Lease {Lease} was not renewed, the next try follows: {Fault}")]
    public static partial void LeaseNotRenewed(this ILogger logger, string lease, string fault);

    [LoggerMessage(EventId = 22, EventName = "LeaseLost", Level = LogLevel.Warning, Message = "Lease {Lease} is lost: {Cause}")]
    public static partial void LeaseLost(this ILogger logger, string lease, string cause);

    [LoggerMessage(EventId = 23, EventName = "LeaseNotReleased", Level = LogLevel.Warning, Message = "Lease {Lease} was not released and expires by itself: {Cause}")]
    public static partial void LeaseNotReleased(this ILogger logger, string lease, string cause);
}
