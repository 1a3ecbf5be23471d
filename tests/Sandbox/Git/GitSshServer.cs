namespace ClusterTrust.Sandbox.Git;

/// <summary>
/// Git over SSH on 127.0.0.1 as a hosting service offers it: a real sshd, host keys, deploy keys that run a forced
/// command, and the repositories of a sandbox. A relay in front of it counts connections and shows faults.
/// </summary>
public sealed partial class GitSshServer : IAsyncDisposable
{
    // The kinds that GitHub has.
    private static readonly string[] AllTypes = ["ed25519", "ecdsa", "rsa"];

    private readonly string[] _hostKeyTypes;
    private readonly LoopbackListener _listener;
    private SshKeyPair[] _hostKeys = [];
    private int _connections;
    private long _bytes;

    public GitSshServer(GitRepositories repositories, params string[] hostKeyTypes)
    {
        this._hostKeyTypes = hostKeyTypes is [] ? AllTypes : hostKeyTypes;
        WriteFiles(repositories.Root);
        _listener = new LoopbackListener(ServeAsync);
    }

    public int Port => _listener.Port;

    public IReadOnlyList<string> HostPublicKeys => [.. _hostKeys.Select(static key => key.PublicKeyWithoutComment)];

    /// <summary>The faults to show; the host they match on is always <c>127.0.0.1</c>.</summary>
    public FaultPlan<ConnectionFault, string> Faults { get; } = new();

    /// <summary>TCP connections so far, authenticated or not.</summary>
    public int Connections => _connections;

    /// <summary>Bytes on the wire so far, both ways, encrypted as they are.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Called with <see cref="Bytes"/> whenever some were relayed; nothing more is relayed in that direction until it returns.</summary>
    public Func<long, Task>? OnBytes { get; set; }

    /// <summary>The URL of a repository: <c>ssh://git@127.0.0.1:PORT/owner/repository.git</c>.</summary>
    public string Url(string repository) => $"ssh://{UserName}@127.0.0.1:{Port}/{repository}.git";

    /// <summary>The known_hosts file for this server.</summary>
    /// <param name="host">The name that clients use; 127.0.0.1 with this server's port in OpenSSH's bracket form when null.</param>
    public string KnownHosts(string? host = null, params string[] types) => string.Concat(
        _hostKeys.Where(key => types is [] || types.Contains(key.Type))
            .Select(key => $"{host ?? $"[127.0.0.1]:{Port}"} {key.PublicKeyWithoutComment}\n"));

    /// <summary>Makes the host keys; nobody can connect before.</summary>
    public async Task StartAsync()
    {
        _hostKeys = await Task.WhenAll(_hostKeyTypes.Select(SshKeyPair.OfProcessAsync));
        Configure();
    }

    /// <summary>Waits until every connection is over and its processes are gone.</summary>
    public Task IdleAsync() => _listener.IdleAsync();

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        Array.ForEach(_hostKeys, static key => key.Dispose());
        _folder.Dispose();
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _connections);
        var fault = Faults.Take("127.0.0.1");
        if (fault is ConnectionFault.Reset)
        {
            LoopbackListener.Reset(client);
            return;
        }

        using var process = StartSshd();
        try
        {
            // A pipe's pending read may not be cancelled; the end of the process ends it in any case.
            await using var kill = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
            await Relay.RunAsync(client, process.StandardInput.BaseStream, process.StandardOutput.BaseStream, process.StandardInput.Close, fault, cancellationToken, CountAsync);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private Task CountAsync(int count)
    {
        var passed = Interlocked.Add(ref _bytes, count);
        return OnBytes?.Invoke(passed) ?? Task.CompletedTask;
    }
}

public enum GitAccess
{
    ReadOnly,
    ReadWrite,
}

/// <summary>One command that an authenticated client ran over SSH.</summary>
/// <param name="Service"><c>git-upload-pack</c> (clone, fetch) or <c>git-receive-pack</c> (push).</param>
/// <param name="Repository">The repository as the client named it, without a leading slash and <c>.git</c>.</param>
public sealed record GitSshSession(GitAccess Access, string Service, string Repository);
