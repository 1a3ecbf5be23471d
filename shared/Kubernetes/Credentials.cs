namespace ClusterTrust.Kubernetes;

/// <summary>What authenticates requests: a bearer token, a client certificate, both or neither.</summary>
/// <param name="token">The token; null for none.</param>
/// <param name="certificate">The client certificate with its key; null for none.</param>
/// <param name="outOfDateAt">The time from which it must be read again; null for never.</param>
internal sealed class Credential(string? token, X509Certificate2? certificate = null, DateTimeOffset? outOfDateAt = null)
{
    public string? Token => token;

    public X509Certificate2? Certificate => certificate;

    /// <summary>The user that it claims to be, never verified: the token's <c>sub</c> or the certificate's common name; null if unknown.</summary>
    public string? User => JsonWebToken.TryParse(token, out var parsed) && parsed.Subject is { } subject
        ? Sanitizer.Sanitize(subject, 300)
        : certificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    public bool IsOutOfDate(DateTimeOffset now) => outOfDateAt <= now;

    /// <summary>Whether a token is valid in an Authorization header: visible ASCII only.</summary>
    public static bool IsSendable(string token) => token.Length > 0 && token.All(static c => c is > ' ' and <= '~');
}

/// <summary>The credential of a connection, which is read again when it is out of date and when the server rejected it.</summary>
/// <param name="first">The first credential; null to read it when it is first used.</param>
/// <param name="read">Reads the next one; null if there is no other.</param>
internal sealed class CredentialSource(Credential? first, Func<CancellationToken, Task<Credential>>? read, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _lock = new(1);
    private volatile Credential? _current = first;
    private volatile Credential? _rejected;

    /// <summary>A token in a file, which is read again after a minute: the kubelet renews the pod's token before it expires.</summary>
    /// <exception cref="JobException">The file is missing, unreadable or not a token.</exception>
    public static CredentialSource OfFile(string path, X509Certificate2? certificate, TimeProvider clock)
    {
        return new(Read(), _ => Task.FromResult(Read()), clock);

        Credential Read() => new(ReadToken(path), certificate, clock.GetUtcNow().AddMinutes(1));
    }

    /// <summary>The current credential.</summary>
    /// <exception cref="JobException">There is none.</exception>
    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            var current = _current;
            if (read is not null && (current is null || current == _rejected || current.IsOutOfDate(clock.GetUtcNow())))
            {
                _current = current = await read(cancellationToken);
            }

            return current!;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Sends a request with the current credential, and once more with another if the server rejected the first.</summary>
    /// <param name="send">Sends it; throws a <see cref="KubernetesException"/> with status 401 when the credential is rejected.</param>
    /// <exception cref="JobException">There is no credential.</exception>
    public async Task<T> SendAsync<T>(Func<Credential, Task<T>> send, CancellationToken cancellationToken)
    {
        var credential = await GetAsync(cancellationToken);
        try
        {
            return await send(credential);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.Unauthorized && read is not null)
        {
            // Another request may have replaced it meanwhile.
            _rejected = credential;
            return await send(await GetAsync(cancellationToken));
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string ReadToken(string path)
    {
        try
        {
            using var content = InputFile.Read(path, FileKind.Token);
            return content.Fault is { } fault
                ? throw new JobException($"The token file {Sanitizer.Sanitize(path)} {fault}.", ExitCode.Usage)
                : content.Text;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The token file {Sanitizer.Sanitize(path)} cannot be read: mount the ServiceAccount token (automountServiceAccountToken: true), or correct the path.", ExitCode.Usage, fault);
        }
    }
}
