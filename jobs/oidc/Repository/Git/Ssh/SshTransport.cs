using System.Net.Sockets;
using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;
using Renci.SshNet;
using Renci.SshNet.Common;
using GitSmartSubtransportAction = LibGit2Sharp.GitSmartSubtransportAction;
using SmartSubtransport = LibGit2Sharp.SmartSubtransport;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A repository over SSH. One connection serves every conversation, with a channel each.</summary>
internal sealed partial class SshTransport(RepositoryAddress address, GitRepositoryOptions options, ILogger logger) : GitTransport(address, options)
{
    private SshClient? _client;
    private PrivateKeyFile? _key;
    private SecretFile? _keyFile;
    private SecretFile? _knownHosts;
    private bool _skippedReported;

    protected override string Scheme => GitLibrary.SshScheme;

    public override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsConnected: true })
        {
            return;
        }

        Close();
        var host = HostKeyVerifier.For(Address, _knownHosts ??= Options.KnownHostsFile is { } path ? new SecretFile(path, "known_hosts file", "--known-hosts", logger) : null);
        if (host.Skipped is { } skipped && !_skippedReported)
        {
            _skippedReported = true;
            LogSkipped(logger, _knownHosts!.Subject, skipped);
        }

        _key = OpenDeployKey();
        var connection = new ConnectionInfo(Address.Host, Address.Port, Address.User, new PrivateKeyAuthenticationMethod(Address.User, _key))
        {
            Timeout = Options.ConnectTimeout,
            ChannelCloseTimeout = TimeSpan.FromMilliseconds(200),
        };
        host.Restrict(connection);
        PreferFastKeyExchange(connection);
        _client = new SshClient(connection);
        var banner = new ServerOutput(secret: null);
        connection.AuthenticationBanner += (_, shown) => banner.Add(Encoding.UTF8.GetBytes(shown.BannerMessage));
        _client.HostKeyReceived += (_, shown) => host.Verify(shown);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Options.ConnectTimeout);
        try
        {
            // SSH.NET ignores the token while it waits for the key exchange.
            await _client.ConnectAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception failure) when (host.Refusal is not null && failure is SshException)
        {
            throw host.Refusal;
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer(late);
        }
        catch (SshOperationTimeoutException late)
        {
            throw NoAnswer(late);
        }
        catch (SshAuthenticationException refused)
        {
            throw new JobException(
                $"{ServerRefusal.CauseOf(banner.Text, Address) ?? $"The server {Address.Host} refused the deploy key for the user {Address.User} ({Fingerprint}): add its public key to the repository, with write access"}.{ServerRefusal.Quote(banner)}",
                ExitCode.Usage,
                refused);
        }
        catch (SshConnectionException failure) when (failure.Message.Contains("host key", StringComparison.OrdinalIgnoreCase)
            && failure.DisconnectReason == Renci.SshNet.Messages.Transport.DisconnectReason.KeyExchangeFailed)
        {
            throw host.NoCommonType(failure);
        }
        catch (SshConnectionException closed) when (ServerRefusal.CauseOf($"{banner.Text}\n{closed.Message}", Address) is { } cause)
        {
            throw new JobException($"{cause}. The server said: {ServerText.Quote($"{banner.Text} {closed.Message}")}", ExitCode.Usage, closed);
        }
        catch (Exception failure) when (failure is SocketException or SshException or IOException or ObjectDisposedException)
        {
            throw new TransientGitException($"The server {Address.Host}:{Address.Port} cannot be reached over SSH ({ServerText.Quote(failure.Message)}): check the address, the network policy and the firewall.", failure);
        }
    }

    protected override GitExchange OpenExchange(SmartSubtransport subtransport, GitSmartSubtransportAction action)
    {
        // Single quotes, because some servers run the command in a shell.
        var path = Address.Path.Replace("'", @"'\''", StringComparison.Ordinal);
        return new SshExchange(
            subtransport, _client ?? throw new InvalidOperationException("Not connected."), $"{action.Program()} '{path}'", this, action, Abort);
    }

    protected override void Dispose(bool disposing) => Close();

    /// <summary>
    /// Prefers X25519 to the post-quantum exchanges, which in SSH.NET take more CPU than the rest of a run.
    /// They keep recorded traffic secret for decades, but everything sent here is published anyway; authentication does not depend on them.
    /// </summary>
    private static void PreferFastKeyExchange(ConnectionInfo connection)
    {
        var exchanges = connection.KeyExchangeAlgorithms;
        foreach (var (name, create) in exchanges.Where(exchange => !exchange.Key.StartsWith("curve25519-", StringComparison.Ordinal)).ToArray())
        {
            exchanges.Remove(name);
            exchanges.Add(name, create);
        }
    }

    /// <summary>Closes the connection without waiting: the server may no longer answer.</summary>
    private void Abort()
    {
        if (Interlocked.Exchange(ref _client, null) is { } connected)
        {
            _ = Task.Run(connected.Dispose);
        }
    }

    [LoggerMessage(EventId = 1022, EventName = "KnownHostsLinesSkipped", Level = LogLevel.Warning,
        Message = "{File} has invalid lines, which are skipped: {Lines}")]
    private static partial void LogSkipped(ILogger logger, string file, string lines);

    private PrivateKeyFile OpenDeployKey()
    {
        if (Options.SshKeyFile is not { } path)
        {
            throw new JobException($"The repository {Address} is reached over SSH, which requires a deploy key: set --ssh-key.", ExitCode.Usage);
        }

        _keyFile ??= new SecretFile(path, "deploy key", "--ssh-key", logger);
        var file = KeyFile.Of(_keyFile.Subject, _keyFile.Read(FileKind.SshPrivateKey));
        return SshPrivateKey.Open(file, string.IsNullOrEmpty(Options.SshKeyPassphrase) ? null : Options.SshKeyPassphrase);
    }

    private string Fingerprint =>
        _key?.HostKeyAlgorithms.FirstOrDefault() is { } algorithm ? HostKey.FingerprintOf(algorithm.Data) : "unknown";

    private TransientGitException NoAnswer(Exception cause) => new(
        $"The server {Address.Host}:{Address.Port} did not answer within {Options.ConnectTimeout.TotalSeconds:0} s: check the address, the network policy and the firewall.", cause);

    private void Close()
    {
        Abort();
        _key?.Dispose();
        _key = null;
    }
}
