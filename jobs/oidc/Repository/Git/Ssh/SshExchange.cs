using LibGit2Sharp;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A conversation with a program that runs at the other end of an SSH connection.</summary>
internal sealed class SshExchange : GitExchange
{
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(2);

    private readonly SshCommand _command;
    private readonly Task _running;
    private readonly Stream _input;
    private readonly RequestFilter _filter;
    private readonly Action _abort;
    private bool _answered;

    /// <param name="abort">Breaks the connection.</param>
    public SshExchange(SmartSubtransport subtransport, SshClient client, string text, GitTransport transport, GitSmartSubtransportAction action, Action abort)
        : base(subtransport, transport, action)
    {
        _abort = abort;
        _filter = new RequestFilter(action.IsPush());
        _command = client.CreateCommand(text);
        using var watch = Watch(out var expired);
        try
        {
            _running = _command.ExecuteAsync(CancellationToken.None);
            _input = OpenInput(_command);
        }
        catch (Exception failure) when (failure is SshException or ObjectDisposedException or IOException)
        {
            _command.Dispose();
            throw EndedHere(failure, expired) ?? Broken(failure);
        }
    }

    /// <summary>A server that refuses may end the program before its input is opened; why, its output tells, which is read next.</summary>
    private static Stream OpenInput(SshCommand command)
    {
        try
        {
            return command.CreateInputStream();
        }
        catch (InvalidOperationException)
        {
            return Stream.Null;
        }
    }

    protected override void Send(ReadOnlySpan<byte> data)
    {
        var bytes = _filter.Pass(data);
        if (bytes.Length == 0)
        {
            return;
        }

        using var watch = Watch(out var expired);
        try
        {
            _input.Write(bytes, 0, bytes.Length);
            _input.Flush();
        }
        catch (Exception failure) when (failure is SshException or ObjectDisposedException or IOException)
        {
            throw Ended(failure, expired);
        }
    }

    protected override int Receive(Span<byte> buffer)
    {
        using var watch = Watch(out var expired);
        int read;
        try
        {
            read = _command.OutputStream.Read(buffer);
        }
        catch (Exception failure) when (failure is SshException or ObjectDisposedException or IOException)
        {
            throw Ended(failure, expired);
        }

        if (expired.IsCancellationRequested || (read == 0 && !_answered))
        {
            throw Ended(null, expired);
        }

        if (read > 0)
        {
            _answered = true;
            _filter.OnAnswer();
        }
        else
        {
            ReadErrorOutput();
        }

        return read;
    }

    protected override void Free()
    {
        // The program ends by itself and is not awaited. The input is not closed separately: only closing the channel tolerates a
        // server that closes it at the same moment.
        try
        {
            _command.Dispose();
        }
        catch (Exception failure) when (failure is SshException or ObjectDisposedException or IOException)
        {
            Transport.RecordFailure(Broken(failure));
        }

        base.Free();
    }

    /// <summary>Breaks the connection when nothing happens for too long, or when the run ends; reading and writing end with it.</summary>
    private CancellationTokenSource Watch(out CancellationToken expired)
    {
        var watch = CancellationTokenSource.CreateLinkedTokenSource(Transport.Cancellation);
        watch.CancelAfter(Transport.Options.IdleTimeout);
        expired = watch.Token;
        expired.Register(() =>
        {
            _abort();
            _command.OutputStream?.Dispose(); // there is none before the channel is open
        });
        return watch;
    }

    private Exception Ended(Exception? cause, CancellationToken expired)
    {
        if (EndedHere(cause, expired) is { } ended)
        {
            return ended;
        }

        // The output ends a moment before the exit status and the last of the error output arrive.
        var exited = Task.WaitAny([_running], ExitGrace) >= 0 && !_running.IsFaulted && _command.ExitStatus is not null;
        ReadErrorOutput();

        // A host that refuses may break the connection without an exit status.
        return exited || ServerRefusal.IsRefusal(Transport.Output.Text, Transport.Address)
            ? ServerRefusal.Explain(Transport, Action)
            : Broken(cause ?? _running.Exception?.InnerException);
    }

    /// <summary>The reason if this side ended the conversation, else null.</summary>
    private Exception? EndedHere(Exception? cause, CancellationToken expired)
    {
        if (Transport.Cancellation.IsCancellationRequested)
        {
            return new OperationCanceledException(Transport.Cancellation);
        }

        if (!expired.IsCancellationRequested)
        {
            return null;
        }

        ReadErrorOutput();
        return ServerRefusal.IsRefusal(Transport.Output.Text, Transport.Address)
            ? ServerRefusal.Explain(Transport, Action)
            : new TransientGitException($"The server of {Transport.Address} sent nothing for {Transport.Options.IdleTimeout.TotalSeconds:0} s: try again later.{ServerRefusal.Quote(Transport.Output)}", cause);
    }

    private void ReadErrorOutput()
    {
        var buffer = new byte[4096];
        if (_command.ExtendedOutputStream is { Length: > 0 } output)
        {
            Transport.Output.Add(buffer.AsSpan(0, output.Read(buffer)));
        }
    }

    private TransientGitException Broken(Exception? cause) =>
        new($"The connection to {Transport.Address} broke: try again later.{ServerRefusal.Quote(Transport.Output)}", cause);
}
