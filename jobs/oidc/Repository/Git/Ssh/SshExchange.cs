using Renci.SshNet;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A conversation with a program that runs at the other end of an SSH connection.</summary>
internal sealed class SshExchange : GitExchange
{
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(2);

    private readonly Action hangUp;
    private readonly SshCommand command;
    private readonly Task running;
    private readonly Stream input;
    private readonly RequestFilter filter;
    private readonly TimeSpan idle;
    private bool _answered;

    public SshExchange(SshClient client, string text, GitTransport transport, GitService service, TimeSpan idle, Action hangUp)
        : base(transport, service, advertises: true)
    {
        this.hangUp = hangUp;
        this.idle = idle;
        filter = new RequestFilter(service);
        command = client.CreateCommand(text);
        using var watch = Watch(out var expired);
        try
        {
            running = command.ExecuteAsync(CancellationToken.None);
            input = command.CreateInputStream();
        }
        catch (Exception failure) when (failure is SshException or ObjectDisposedException or IOException)
        {
            command.Dispose();
            throw EndedHere(failure, expired) ?? Broken(failure);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> data)
    {
        var bytes = filter.Pass(data);
        if (bytes.Length == 0)
        {
            return;
        }

        using var watch = Watch(out var expired);
        try
        {
            input.Write(bytes, 0, bytes.Length);
            input.Flush();
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
            read = command.OutputStream.Read(buffer);
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
            filter.OnAnswer();
        }
        else
        {
            ReadErrorOutput();
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        // Nothing more is said; the program ends by itself, and is not waited for longer than it deserves. The input is not ended on its
        // own: only the end of the channel heeds one that the server closes in the same moment.
        try
        {
            command.Dispose();
        }
        catch (Exception failure) when (failure is SshException or ObjectDisposedException or IOException)
        {
            Transport.Failed(Broken(failure));
        }
    }

    /// <summary>Breaks the connection when nothing happens for too long, or when the run ends; reading and writing end with it.</summary>
    private CancellationTokenSource Watch(out CancellationToken expired)
    {
        var watch = CancellationTokenSource.CreateLinkedTokenSource(Transport.Cancellation);
        watch.CancelAfter(idle);
        expired = watch.Token;
        expired.Register(() =>
        {
            hangUp();
            command.OutputStream?.Dispose(); // there is none before the channel is open
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
        var exited = Task.WaitAny([running], ExitGrace) >= 0 && !running.IsFaulted && command.ExitStatus is not null;
        ReadErrorOutput();

        // A host that refuses may break the connection without an exit status.
        return exited || ServerRefusal.IsRefusal(Transport.Output.Text, Transport.Address)
            ? ServerRefusal.Explain(Transport, Service)
            : Broken(cause ?? running.Exception?.InnerException);
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
            ? ServerRefusal.Explain(Transport, Service)
            : new TransientGitException($"The server of {Transport.Address} said nothing for {idle.TotalSeconds:0} s: try again later.{ServerRefusal.Quote(Transport.Output)}", cause);
    }

    private void ReadErrorOutput()
    {
        var buffer = new byte[4096];
        if (command.ExtendedOutputStream is { Length: > 0 } output)
        {
            Transport.Output.Add(buffer.AsSpan(0, output.Read(buffer)));
        }
    }

    private TransientGitException Broken(Exception? cause) =>
        new($"The connection to {Transport.Address} broke: try again later.{ServerRefusal.Quote(Transport.Output)}", cause);
}
