namespace ClusterTrust.Sandbox.Servers;

/// <summary>Which faults are shown: to the next N requests or connections (optionally only those that match), to all, or at a seeded rate.</summary>
/// <typeparam name="TFault">What is shown.</typeparam>
/// <typeparam name="TSubject">What it is shown to: a request, or the host of a connection.</typeparam>
public sealed class FaultPlan<TFault, TSubject>
    where TFault : class
{
    private readonly Queue<(TFault Fault, Func<TSubject, bool> When)> _next = new();
    private readonly Lock _gate = new();
    private Func<TSubject, TFault?> _lasting = static _ => null;

    /// <summary>Shows a fault to the next that match.</summary>
    /// <param name="when">To which; to all when null. One that does not match leaves the queue as it is.</param>
    public void Next(TFault fault, int count = 1, Func<TSubject, bool>? when = null)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
            {
                _next.Enqueue((fault, when ?? (static _ => true)));
            }
        }
    }

    /// <summary>Shows a fault to all that match, until <see cref="Clear"/>.</summary>
    public void Always(TFault fault, Func<TSubject, bool>? when = null) => Last(subject => when?.Invoke(subject) == false ? null : fault);

    /// <summary>Shows one of the faults to a share of all, chosen by a seeded generator, until <see cref="Clear"/>.</summary>
    /// <param name="seed">The same seed and order of requests give the same faults.</param>
    public void Rate(double share, int seed, params TFault[] faults)
    {
        var random = new Random(seed);
        Last(_ => random.NextDouble() < share ? faults[random.Next(faults.Length)] : null);
    }

    public void Clear()
    {
        lock (_gate)
        {
            _next.Clear();
            _lasting = static _ => null;
        }
    }

    /// <summary>Takes the fault that is shown to this one, or null for none.</summary>
    public TFault? Take(TSubject subject)
    {
        lock (_gate)
        {
            return _next.TryPeek(out var planned) && planned.When(subject) ? _next.Dequeue().Fault : _lasting(subject);
        }
    }

    private void Last(Func<TSubject, TFault?> faults)
    {
        lock (_gate)
        {
            _lasting = faults;
        }
    }
}

/// <summary>A fault that a server shows instead of, or before, its answer.</summary>
public abstract record Fault
{
    private Fault()
    {
    }

    /// <summary>Waits before answering as usual.</summary>
    public sealed record Latency(TimeSpan Delay) : Fault;

    /// <summary>Drops the connection (TCP reset) without an answer.</summary>
    public sealed record Reset : Fault;

    /// <summary>Answers with a status, an optional <c>Retry-After</c> in seconds and an optional body.</summary>
    public sealed record Status(int Code, int? RetryAfterSeconds = null, string? Body = null, string ContentType = "application/json") : Fault;

    /// <summary>Sends the true answer's headers and only the first half of its body, then drops the connection.</summary>
    public sealed record Truncate : Fault;

    /// <summary>The server's 429 with its own body, as the real service words it.</summary>
    public static Status TooManyRequests(int? retryAfterSeconds = null) => new(429, retryAfterSeconds);

    public static Status Unavailable(int? retryAfterSeconds = null) => new(503, retryAfterSeconds);
}
