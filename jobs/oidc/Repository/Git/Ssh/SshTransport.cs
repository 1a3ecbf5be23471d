using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;
using GitSmartSubtransportAction = LibGit2Sharp.GitSmartSubtransportAction;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A repository over SSH. One connection serves every conversation, with a channel each.</summary>
internal sealed partial class SshTransport(RepositoryAddress address, GitRepositoryOptions options, ILogger logger) : GitTransport(address, options)
{
    private SshClient? _client;
    private PrivateKeyFile? _key;
    private SecretFile? _keyFile;
    private SecretFile? _knownHosts;
    private bool _skippedReported;
    private SshProgram? _program;
    private int _requests;
    private bool _isRepetition;

    public override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsConnected: true })
        {
            return;
        }

        Close();
        Begin(cancellationToken);
        var host = HostKeyVerifier.For(Address, _knownHosts ??= Options.KnownHostsFile is { } path ? new SecretFile(path, "known_hosts file", "--known-hosts", logger) : null);
        if (host.Skipped is { } skipped && !_skippedReported)
        {
            _skippedReported = true;
            LogSkipped(logger, _knownHosts!.Subject, skipped);
        }

        _key = OpenDeployKey();
        var connection = new ConnectionInfo(Address.Host, Address.Port, Address.User, new PrivateKeyAuthenticationMethod(Address.User, new DeployKey(_key)))
        {
            Timeout = Options.ConnectTimeout,
            ChannelCloseTimeout = TimeSpan.FromMilliseconds(200),
        };
        host.Restrict(connection);
        RestrictAlgorithms(connection);
        _client = new SshClient(connection);
        connection.AuthenticationBanner += (_, banner) => AddOutput(Encoding.UTF8.GetBytes(banner.BannerMessage));
        _client.HostKeyReceived += (_, key) => host.Verify(key);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Options.ConnectTimeout);
        try
        {
            // SSH.NET ignores the token while it waits for the key exchange.
            await _client.ConnectAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw Explain(failure, host);
        }
    }

    public override void BeginRequest(GitSmartSubtransportAction action)
    {
        if (action.IsListing())
        {
            EndConversation();

            // Single quotes, because some servers run the command in a shell.
            var path = Address.Path.Replace("'", @"'\''", StringComparison.Ordinal);
            _program = new SshProgram(
                _client ?? throw new InvalidOperationException("Not connected."), $"{action.Program()} '{path}'", this, action, Abort);
        }

        _requests = action.IsListing() ? 0 : _requests + 1;
        _isRepetition = _requests > 1;
    }

    public override void Send(ReadOnlySpan<byte> data)
    {
        // As over HTTP, each request for a pack repeats the first one up to a flush, and is written at once. The program still has that
        // part, and ends if it is repeated.
        Program.Send(_isRepetition ? AfterFlush(data) : data);
        _isRepetition = false;
    }

    public override int Receive(Memory<byte> buffer) => Program.Receive(buffer.Span);

    public override void EndConversation()
    {
        _program?.Dispose();
        _program = null;
    }

    public override void Dispose()
    {
        base.Dispose();
        Close();
    }

    private SshProgram Program => _program ?? throw new InvalidOperationException("There is no conversation.");

    private static ReadOnlySpan<byte> AfterFlush(ReadOnlySpan<byte> lines)
    {
        while (int.Parse(lines[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) is var size and > 0)
        {
            lines = lines[size..];
        }

        return lines[4..];
    }

    /// <summary>
    /// Leaves out the exchanges and ciphers that OpenSSH does not offer by default, those with SHA-1 and CBC.
    /// Prefers X25519 to the post-quantum exchanges, which in SSH.NET take more CPU than the rest of a run.
    /// They keep recorded traffic secret for decades, but everything sent here is published anyway; authentication does not depend on them.
    /// </summary>
    private static void RestrictAlgorithms(ConnectionInfo connection)
    {
        var (exchanges, ciphers) = (connection.KeyExchangeAlgorithms, connection.Encryptions);
        foreach (var (name, create) in exchanges.Where(exchange => !exchange.Key.StartsWith("curve25519-", StringComparison.Ordinal)).ToArray())
        {
            exchanges.Remove(name);
            if (!name.EndsWith("-sha1", StringComparison.Ordinal))
            {
                exchanges.Add(name, create);
            }
        }

        foreach (var name in ciphers.Keys.Where(static name => name.EndsWith("-cbc", StringComparison.Ordinal)).ToArray())
        {
            ciphers.Remove(name);
        }
    }

    /// <summary>Closes the connection without waiting: the server may no longer respond.</summary>
    private void Abort()
    {
        if (Interlocked.Exchange(ref _client, null) is { } connected)
        {
            _ = Task.Run(connected.Dispose);
        }
    }

    [LoggerMessage(EventId = 1022, EventName = "KnownHostsLinesSkipped", Level = LogLevel.Warning,
        Message = "{File} has lines that are skipped, because they are not HOST TYPE KEY with a whole key of a supported type: {Lines}")]
    private static partial void LogSkipped(ILogger logger, string file, string lines);

    private PrivateKeyFile OpenDeployKey()
    {
        if (Options.SshKeyFile is not { } path)
        {
            throw new JobException($"The repository {Address} is reached over SSH, which requires a deploy key: set --ssh-key.", ExitCode.Usage);
        }

        _keyFile ??= new SecretFile(path, "deploy key", "--ssh-key", logger);
        var file = KeyFile.Of(_keyFile.Subject, _keyFile.Read(FileKind.SshPrivateKey));
        return SshPrivateKey.Open(file, Options.SshKeyPassphrase);
    }

    private string Fingerprint =>
        _key?.HostKeyAlgorithms.FirstOrDefault() is { } algorithm ? HostKey.FingerprintOf(algorithm.Data) : "unknown";

    private JobException Explain(Exception failure, HostKeyVerifier host) => failure switch
    {
        SshException when host.Refusal is { } refusal => refusal,
        OperationCanceledException or SshOperationTimeoutException => new TransientGitException(
            $"The server {Address.Host}:{Address.Port} did not answer within {Options.ConnectTimeout.TotalSeconds:0} s: check the address, the network policy and the firewall.", failure),
        SshAuthenticationException => new JobException(
            $"{ServerRefusal.CauseOf(Output, Address) ?? $"The server {Address.Host} refused the deploy key for the user {Address.User} ({Fingerprint}): add its public key to the repository, with write access"}.{OutputSentence}",
            ExitCode.Usage,
            failure),
        // These messages are SSH.NET's own; those with a server's reason for a disconnection begin differently.
        SshConnectionException when failure.Message.StartsWith("No matching host key algorithm", StringComparison.Ordinal) => host.NoCommonType(failure),
        SshConnectionException when failure.Message.StartsWith("Host key could not be verified", StringComparison.Ordinal) => host.UnprovenKey(failure),
        // Not certainly a setting: the lists of algorithms are not authenticated yet, so they may have been changed on the way.
        SshConnectionException when failure.Message.StartsWith("No matching ", StringComparison.Ordinal) => new JobException(
            $"The server {Address.Host}:{Address.Port} and this job have no SSH algorithm in common ({ServerText.Quote(failure.Message)}): enable one that OpenSSH enables by default.", ExitCode.Failed, failure),
        SshConnectionException when ServerRefusal.CauseOf($"{Output}\n{failure.Message}", Address) is { } cause => new JobException(
            $"{cause}. The server reported: {Quote($"{Output} {failure.Message}")}", ExitCode.Usage, failure),
        // SSH.NET parses messages without a check of their lengths.
        not (SshException or SocketException or IOException or ObjectDisposedException) => new TransientGitException(
            $"A response of the server {Address.Host}:{Address.Port} is not in the SSH protocol: check which server answers at that address, and whether something on the way changes its responses.", failure),
        _ => new TransientGitException(
            $"The server {Address.Host}:{Address.Port} cannot be reached over SSH ({ServerText.Quote(failure.Message)}): check the address, the network policy and the firewall.", failure),
    };

    private void Close()
    {
        Abort();
        _key?.Dispose();
        _key = null;
    }

    /// <summary>Signs with an RSA key as OpenSSH does by default: not with SHA-1, which SSH.NET tries first.</summary>
    private sealed class DeployKey(PrivateKeyFile key) : IPrivateKeySource
    {
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms => [.. key.HostKeyAlgorithms.Where(static algorithm => algorithm.Name != "ssh-rsa")];
    }
}
