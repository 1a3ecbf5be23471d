using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.Servers;

/// <summary>Which faults a server shows next: for the next N requests (optionally only those that match), or at a seeded rate.</summary>
public sealed class FaultPlan
{
    private readonly ConcurrentQueue<(Fault Fault, Func<HttpRequest, bool> When)> next = new();
    private readonly Lock gate = new();
    private Random? random;
    private double rate;
    private Fault[] rated = [];

    /// <summary>Shows a fault to the next requests that match.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="count">How many requests.</param>
    /// <param name="when">Which requests; all when null. A request that does not match leaves the queue as it is.</param>
    public void Next(Fault fault, int count = 1, Func<HttpRequest, bool>? when = null)
    {
        for (var i = 0; i < count; i++)
        {
            next.Enqueue((fault, when ?? (static _ => true)));
        }
    }

    /// <summary>Shows one of the faults to a share of all requests, chosen by a seeded generator.</summary>
    /// <param name="share">0 to 1.</param>
    /// <param name="seed">The same seed and order of requests give the same faults.</param>
    public void Rate(double share, int seed, params Fault[] faults)
    {
        lock (gate)
        {
            (rate, rated, random) = (share, faults, new Random(seed));
        }
    }

    /// <summary>Ends every planned fault.</summary>
    public void Clear()
    {
        next.Clear();
        lock (gate)
        {
            rate = 0;
        }
    }

    /// <summary>Takes the fault that this request gets, or null for none.</summary>
    public Fault? Take(HttpRequest request)
    {
        lock (gate)
        {
            if (next.TryPeek(out var planned) && planned.When(request))
            {
                next.TryDequeue(out _);
                return planned.Fault;
            }

            return rate > 0 && random!.NextDouble() < rate ? rated[random.Next(rated.Length)] : null;
        }
    }
}
