using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Leases;

/// <summary>
/// Keeps two runs from overlapping with a Lease, written with optimistic locking: of two that write at once, one is refused.
/// A holder's time is <c>renewTime + leaseDurationSeconds</c> by the holder's clock, which may be wrong, as may one's own. So a lease
/// is taken from its holder only when it is over by more than clocks differ, or when it was seen not to be renewed for its whole
/// duration, as client-go's leader election does it. A live holder renews three times a duration.
/// </summary>
/// <param name="connection">Needs <c>get</c>, <c>create</c> and <c>update</c> on <c>leases</c> of <c>coordination.k8s.io</c> in the namespace.</param>
/// <param name="logger">Tells of renewals that fail.</param>
public sealed class LeaseLock(KubernetesConnection connection, ILogger<LeaseLock> logger)
{
    private const int MaxRounds = 5;

    // More than the clocks of two machines differ by, as long as anyone looks after them at all.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(1);

    private (string Version, long At) seen = ("", 0);

    /// <summary>
    /// Takes the lease when it is free, its holder's time is over, or one holds it already. Asking again and again, on the same object,
    /// is what shows whether a holder renews.
    /// </summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name; created when missing.</param>
    /// <param name="holder">Who asks: unique to the run, such as the pod's name.</param>
    /// <param name="duration">How long a dead holder blocks others; at least a second.</param>
    /// <exception cref="KubernetesException">The API server cannot be reached or does not allow it.</exception>
    public async Task<LeaseAttempt> TryAcquireAsync(string ns, string name, string holder, TimeSpan duration, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.FromSeconds(1));
        var store = new LeaseStore(connection, ns, name);
        for (var round = 0; round < MaxRounds; round++)
        {
            var current = await store.ReadAsync(cancellation);
            var now = connection.Clock.GetUtcNow();
            if (current is not null && current.Spec.HolderIdentity is { Length: > 0 } other && other != holder && !IsOver(store, current, now))
            {
                return new LeaseAttempt(null, Sanitizer.Sanitize(other, 200), current.Spec.AcquireTime, End(current.Spec), Lasts(current.Spec));
            }

            try
            {
                var taken = await store.WriteAsync(current, Taken(current, name, ns, holder, duration, now), cancellation);
                return new LeaseAttempt(new HeldLease(store, taken, connection.Clock, logger), holder, taken.Spec.AcquireTime, End(taken.Spec), duration);
            }
            catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Conflict || (current is not null && fault.Status is HttpStatusCode.NotFound))
            {
                // Someone was faster, or an answer of ours was lost on its way: who holds it now tells.
            }
        }

        throw new JobException($"The lease {ns}/{name} changes faster than it can be taken: look who else writes it (kubectl get lease -n {ns} {name} -o yaml).");
    }

    private bool IsOver(LeaseStore store, Lease lease, DateTimeOffset now)
    {
        var version = $"{store.Title} {lease.Metadata.ResourceVersion} {lease.Spec.RenewTime:O}";
        if (seen.Version != version)
        {
            seen = (version, connection.Clock.GetTimestamp());
        }

        return End(lease.Spec) is not { } end
            || now - end >= ClockDifference
            || connection.Clock.GetElapsedTime(seen.At) >= Lasts(lease.Spec);
    }

    private static DateTimeOffset? End(LeaseSpec spec) =>
        spec.RenewTime is not { } renewed ? null : renewed < DateTimeOffset.MaxValue - LongestDuration ? renewed + Lasts(spec) : DateTimeOffset.MaxValue;

    private static TimeSpan Lasts(LeaseSpec spec) =>
        TimeSpan.FromSeconds(Math.Clamp(spec.LeaseDurationSeconds ?? 0, 0, LongestDuration.TotalSeconds));

    private static Lease Taken(Lease? current, string name, string ns, string holder, TimeSpan duration, DateTimeOffset now)
    {
        var ours = current?.Spec.HolderIdentity == holder;
        return new Lease(
            current?.Metadata ?? new LeaseMeta(name, ns, null),
            new LeaseSpec(
                holder,
                (int)Math.Ceiling(duration.TotalSeconds),
                ours ? current!.Spec.AcquireTime ?? now : now,
                now,
                current is null ? 0 : (current.Spec.LeaseTransitions ?? 0) + (ours ? 0 : 1)));
    }
}

/// <summary>The result of asking for a lease.</summary>
/// <param name="Held">The lease, when it was free or its holder's time was over; disposing releases it. Null when another holds it.</param>
/// <param name="Holder">Who holds it: oneself or the other.</param>
/// <param name="Since">When the holder acquired it, by the holder's clock; null when it is not set.</param>
/// <param name="Until">When the holder's time is over unless it renews, by the holder's clock; null when it is not set.</param>
/// <param name="Lasts">How long a holder that does not renew blocks others.</param>
public sealed record LeaseAttempt(HeldLease? Held, string Holder, DateTimeOffset? Since, DateTimeOffset? Until, TimeSpan Lasts);

internal static partial class LeaseLog
{
    [LoggerMessage(EventId = 21, EventName = "LeaseNotRenewed", Level = LogLevel.Debug, Message = "Lease {Lease} was not renewed, the next try follows: {Fault}")]
    public static partial void LeaseNotRenewed(this ILogger logger, string lease, string fault);

    [LoggerMessage(EventId = 22, EventName = "LeaseLost", Level = LogLevel.Warning, Message = "Lease {Lease} is lost: {Cause}")]
    public static partial void LeaseLost(this ILogger logger, string lease, string cause);

    [LoggerMessage(EventId = 23, EventName = "LeaseNotReleased", Level = LogLevel.Warning, Message = "Lease {Lease} was not released and ends by itself: {Cause}")]
    public static partial void LeaseNotReleased(this ILogger logger, string lease, string cause);
}
