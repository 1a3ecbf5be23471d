using System.Diagnostics;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>One conversation with a Git server, in both directions.</summary>
internal abstract class GitExchange(GitTransport transport, GitService service, bool advertises) : IDisposable
{
    private readonly long start = Stopwatch.GetTimestamp();
    private ServerReply? reply;
    private long received;

    /// <summary>The transport it goes over.</summary>
    protected GitTransport Transport { get; } = transport;

    /// <summary>The service spoken to.</summary>
    protected GitService Service { get; } = service;

    /// <summary>Reads some of what the server says.</summary>
    /// <returns>The number of bytes, 0 at the end.</returns>
    /// <exception cref="JobException">The connection broke, or the server refused.</exception>
    public int Read(Span<byte> buffer) => (reply ??= new ServerReply(ReceiveWithinBounds, Transport, Service, advertises)).Read(buffer);

    /// <summary>Says something.</summary>
    /// <exception cref="JobException">The connection broke.</exception>
    public abstract void Write(ReadOnlySpan<byte> data);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads what comes over the transport.</summary>
    /// <returns>The number of bytes, 0 at the end.</returns>
    protected abstract int Receive(Span<byte> buffer);

    /// <summary>Lets go of the connection.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>A server that sends and sends must fill neither the temporary folder nor the time until the run's deadline.</summary>
    private int ReceiveWithinBounds(Span<byte> buffer)
    {
        var count = Receive(buffer);
        received += count;
        if (received > Transport.MostReceived)
        {
            throw new JobException(
                $"The server of {Transport.Address} sends more than {Transport.MostReceived} bytes: publish to a repository of its own, or find out what answers there.", ExitCode.Failed);
        }

        return count == 0 || Stopwatch.GetElapsedTime(start) < Transport.LongestConversation
            ? count
            : throw new JobException(
                $"The server of {Transport.Address} is not done after {Transport.LongestConversation.TotalSeconds:0} s: look at the network, or find out what answers there.", ExitCode.Failed);
    }
}
