using LibGit2Sharp;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>
/// Git's program at the other end of an SSH connection; it serves one conversation. Whatever SSH.NET throws ends it: a malformed message
/// of the server has no exception type of its own.
/// </summary>
internal sealed class SshProgram : IDisposable
{
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(2);

    private readonly GitTransport _transport;
    private readonly GitSmartSubtransportAction _action;
    private readonly Action _abort;
    private readonly SshCommand _command;
    private readonly Task _running;
    private readonly Stream _input;
    private bool _isRequested;
    private bool _hasOutput;

    /// <param name="text">The command that starts the program.</param>
    /// <param name="action">The list with which it begins.</param>
    /// <param name="abort">Breaks the connection.</param>
    /// <exception cref="JobException">The connection broke.</exception>
    public SshProgram(SshClient client, string text, GitTransport transport, GitSmartSubtransportAction action, Action abort)
    {
        (_transport, _action, _abort) = (transport, action, abort);
        _command = client.CreateCommand(text);
        using var watch = Watch(out var expired);
        try
        {
            _running = _command.ExecuteAsync(CancellationToken.None);
            _input = OpenInput(_command);
        }
        catch (Exception failure)
        {
            _command.Dispose();
            throw EndedHere(failure, expired) ?? Broken(failure);
        }
    }

    public void Send(ReadOnlySpan<byte> data)
    {
        _isRequested = true;
        using var watch = Watch(out var expired);
        try
        {
            _input.Write(data);
            _input.Flush();
        }
        catch (Exception failure)
        {
            throw Ended(failure, expired);
        }
    }

    /// <returns>The number of bytes received, 0 at the end.</returns>
    public int Receive(Span<byte> buffer)
    {
        using var watch = Watch(out var expired);
        int read;
        try
        {
            read = _command.OutputStream.Read(buffer);
        }
        catch (Exception failure)
        {
            throw Ended(failure, expired);
        }

        if (expired.IsCancellationRequested || (read == 0 && !_hasOutput))
        {
            throw Ended(null, expired);
        }

        _hasOutput = true;
        if (read == 0)
        {
            ReadErrorOutput();
        }

        return read;
    }

    public void Dispose()
    {
        try
        {
            // The program is not awaited, and its input is not closed separately: only closing the channel tolerates a server that closes
            // it at the same moment.
            using (_command)
            {
                // A program that waits for a request ends with a flush. One that received a request ends by itself, and OpenSSH closes the
                // whole connection if data arrives for a channel that it has just closed.
                if (!_isRequested && _transport.Failure is null)
                {
                    Send("0000"u8);
                }
            }
        }
        catch (Exception broken) when (broken is JobException or OperationCanceledException or SshException or ObjectDisposedException or IOException)
        {
            // Its output is no longer needed.
        }
    }

    /// <summary>A server that refuses may end the program before its input is opened; the reason is in its output, which is read next.</summary>
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

    /// <summary>Breaks the connection when nothing happens for too long, or when the run ends; reading and writing end with it.</summary>
    private CancellationTokenSource Watch(out CancellationToken expired)
    {
        var watch = CancellationTokenSource.CreateLinkedTokenSource(_transport.Cancellation);
        watch.CancelAfter(_transport.Options.IdleTimeout);
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
        return exited || ServerRefusal.IsRefusal(_transport.Output, _transport.Address)
            ? ServerRefusal.Explain(_transport, _action)
            : Broken(cause ?? _running.Exception?.InnerException);
    }

    /// <summary>The reason if this side ended the conversation, else null.</summary>
    private Exception? EndedHere(Exception? cause, CancellationToken expired)
    {
        if (_transport.Cancellation.IsCancellationRequested)
        {
            return new OperationCanceledException(_transport.Cancellation);
        }

        if (!expired.IsCancellationRequested)
        {
            return null;
        }

        ReadErrorOutput();
        return ServerRefusal.IsRefusal(_transport.Output, _transport.Address)
            ? ServerRefusal.Explain(_transport, _action)
            : new TransientGitException($"The server of {_transport.Address} sent nothing for {_transport.Options.IdleTimeout.TotalSeconds:0} s: try again later.{_transport.OutputSentence}", cause);
    }

    private void ReadErrorOutput()
    {
        var buffer = new byte[4096];
        if (_command.ExtendedOutputStream is { Length: > 0 } output)
        {
            _transport.AddOutput(buffer.AsSpan(0, output.Read(buffer)));
        }
    }

    private TransientGitException Broken(Exception? cause) =>
        new($"The connection to {_transport.Address} broke: try again later.{_transport.OutputSentence}", cause);
}
