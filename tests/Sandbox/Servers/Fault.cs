namespace ClusterTrust.Sandbox.Servers;

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

    /// <summary>The server's 503.</summary>
    public static Status Unavailable(int? retryAfterSeconds = null) => new(503, retryAfterSeconds);
}
