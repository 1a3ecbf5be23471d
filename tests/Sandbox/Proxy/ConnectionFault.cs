namespace ClusterTrust.Sandbox.Proxy;

/// <summary>A fault of a TCP connection, below whatever protocol it carries.</summary>
public abstract record ConnectionFault
{
    private ConnectionFault()
    {
    }

    /// <summary>Waits before the first byte is passed on.</summary>
    public sealed record Latency(TimeSpan Delay) : ConnectionFault;

    /// <summary>Resets the connection at once.</summary>
    public sealed record Reset : ConnectionFault;

    /// <summary>Resets the connection when the server has sent this many bytes.</summary>
    public sealed record CutReceiving(long Bytes) : ConnectionFault;

    /// <summary>Resets the connection when the client has sent this many bytes.</summary>
    public sealed record CutSending(long Bytes) : ConnectionFault;
}
