using System.Buffers;
using System.Diagnostics;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>libgit2's settings, which apply to the whole process.</summary>
internal static class GitLibrary
{
    /// <summary>The scheme of the addresses that libgit2 opens by a <see cref="GitSubtransport"/>.</summary>
    public const string Scheme = "clustertrust";

    private static readonly Lazy<bool> Ready = new(Prepare);

    public static void EnsureReady() => _ = Ready.Value;

    private static bool Prepare()
    {
        // A run must not depend on a home directory, or on whether it can be read, so no configuration file is searched for.
        foreach (var level in (ReadOnlySpan<ConfigurationLevel>)
            [ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System, ConfigurationLevel.ProgramData])
        {
            GlobalSettings.SetConfigSearchPaths(level, "");
        }

        GlobalSettings.RegisterSmartSubtransport<GitSubtransport>(Scheme);
        return true;
    }
}

/// <summary>
/// Passes libgit2's requests to the <see cref="GitTransport"/> of their address. libgit2 uses the form of the protocol for HTTP, in which
/// each request is complete and has a response of its own.
/// </summary>
internal sealed class GitSubtransport : RpcSmartSubtransport
{
    private GitTransport? _transport;

    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action)
    {
        var transport = _transport = GitTransport.Find(url);
        transport.Attempt(() => transport.BeginRequest(action));
        return new GitStream(this, transport, action);
    }

    protected override void Close()
    {
        _transport?.EndConversation();
        base.Close();
    }
}

/// <summary>One request and its response, as the stream that libgit2 writes and reads.</summary>
internal sealed class GitStream : SmartSubtransportStream
{
    private const int MaxChunk = 128 * 1024;

    private readonly GitTransport _transport;
    private readonly ServerReply _reply;
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _received;

    public GitStream(SmartSubtransport subtransport, GitTransport transport, GitSmartSubtransportAction action)
        : base(subtransport) =>
        (_transport, _reply) = (transport, new ServerReply(ReceiveWithinBounds, transport, action));

    public override int Read(Stream dataStream, long length, out long bytesRead)
    {
        var count = 0;
        Transfer((int)Math.Min(length, MaxChunk), buffer =>
        {
            count = _reply.Read(buffer);
            dataStream.Write(buffer.Span[..count]);
        });
        bytesRead = count;
        return 0;
    }

    public override int Write(Stream dataStream, long length)
    {
        Transfer((int)length, buffer =>
        {
            dataStream.ReadExactly(buffer.Span);
            _transport.Send(buffer.Span);
        });
        return 0;
    }

    private void Transfer(int length, Action<Memory<byte>> transfer)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            _transport.Attempt(() => transfer(buffer.AsMemory(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A server that never stops sending must not fill the temporary folder or use up the run's time.</summary>
    private int ReceiveWithinBounds(Memory<byte> buffer)
    {
        var options = _transport.Options;
        var count = _transport.Receive(buffer);
        _received += count;
        if (_received > options.MaximumReceivedBytes)
        {
            throw new JobException(
                $"The server of {_transport.Address} sends more than {options.MaximumReceivedBytes} bytes: publish to a separate repository, or check which server answers at that address.", ExitCode.Failed);
        }

        return count == 0 || Stopwatch.GetElapsedTime(_start) < options.MaximumDuration
            ? count
            : throw new JobException(
                $"The server of {_transport.Address} did not finish within {options.MaximumDuration.TotalSeconds:0} s: check the network, and which server answers at that address.", ExitCode.Failed);
    }
}
