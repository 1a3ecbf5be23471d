using System.Collections.Concurrent;

namespace ClusterTrust.Sandbox.Proxy;

/// <summary>Which faults the next connections get: the next N (optionally only those to some hosts), or a seeded rate of all.</summary>
public sealed class ConnectionFaults
{
    private readonly ConcurrentQueue<(ConnectionFault Fault, Func<string, bool> When)> next = new();
    private readonly Lock gate = new();
    private Random? random;
    private double rate;
    private ConnectionFault[] rated = [];

    /// <summary>Shows a fault to the next connections that match.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="count">How many connections.</param>
    /// <param name="when">Which connections, by the host that the client asked for; all when null.</param>
    public void Next(ConnectionFault fault, int count = 1, Func<string, bool>? when = null)
    {
        for (var i = 0; i < count; i++)
        {
            next.Enqueue((fault, when ?? (static _ => true)));
        }
    }

    /// <summary>Shows one of the faults to a share (0 to 1) of all connections, chosen by a seeded generator.</summary>
    public void Rate(double share, int seed, params ConnectionFault[] faults)
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

    /// <summary>Takes the fault that a connection to this host gets, or null for none.</summary>
    public ConnectionFault? Take(string host)
    {
        lock (gate)
        {
            if (next.TryPeek(out var planned) && planned.When(host))
            {
                next.TryDequeue(out _);
                return planned.Fault;
            }

            return rate > 0 && random!.NextDouble() < rate ? rated[random.Next(rated.Length)] : null;
        }
    }
}
