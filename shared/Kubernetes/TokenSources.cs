using System.Net;
using System.Net.Http.Headers;
using ClusterTrust.Hosting;
using ClusterTrust.Text;

namespace ClusterTrust.Kubernetes;

/// <summary>The bearer token, which is read again when it is out of date and when the server rejected it.</summary>
/// <param name="current">The token, null for none (client certificates), and the time from which it is out of date.</param>
/// <param name="read">Reads the next one; null if there is no other.</param>
internal sealed class TokenSource((string? Token, DateTimeOffset OutOfDateAt) current, Func<CancellationToken, Task<(string?, DateTimeOffset)>>? read, TimeProvider clock)
    : IDisposable
{
    private readonly SemaphoreSlim _lock = new(1);
    private (string? Token, DateTimeOffset OutOfDateAt) _current = current;
    private volatile bool _isRejected;

    /// <summary>A token in the kubeconfig, or none.</summary>
    public static TokenSource Of(string? token) => new((token, DateTimeOffset.MaxValue), null, TimeProvider.System);

    /// <summary>A token in a file, which is read again after a minute: the kubelet renews the pod's token before it expires.</summary>
    /// <exception cref="JobException">The file is missing, unreadable or not a token.</exception>
    public static TokenSource OfFile(string path, TimeProvider clock)
    {
        return new(Read(), _ => Task.FromResult(Read()), clock);

        (string?, DateTimeOffset) Read() => (TokenText.ReadFile(path), clock.GetUtcNow().AddMinutes(1));
    }

    /// <summary>The last token that was read.</summary>
    public string? Current => _current.Token;

    /// <summary>The current token; null for none.</summary>
    /// <exception cref="JobException">There is no token.</exception>
    public async ValueTask<string?> GetAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            if (read is not null && (_isRejected || _current.OutOfDateAt <= clock.GetUtcNow()))
            {
                _current = await read(cancellationToken);
                _isRejected = false;
            }

            return _current.Token;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Discards the last token, which the server rejected.</summary>
    /// <returns>Whether there may be another one.</returns>
    public bool Discard()
    {
        _isRejected = true;
        return read is not null;
    }

    public void Dispose() => _lock.Dispose();
}

/// <summary>Reads and inspects bearer tokens without trusting them.</summary>
internal static class TokenText
{
    /// <exception cref="JobException">The file is missing, unreadable or not a token.</exception>
    public static string ReadFile(string path)
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

    /// <summary>Whether the text is valid in an Authorization header: visible ASCII only.</summary>
    public static bool IsSendable(string token) => token.Length > 0 && token.All(static c => c is > ' ' and <= '~');

    /// <summary>The <c>sub</c> claim of a JWT, unverified, for messages; null when the token is no JWT or has none.</summary>
    public static string? Subject(string? token) =>
        JsonWebToken.TryParse(token, out var parsed) && parsed.Subject is { } subject ? Sanitizer.Sanitize(subject, 300) : null;
}

/// <summary>Sends the bearer token, and once more with a new one when the first was rejected.</summary>
internal sealed class AuthenticationHandler(TokenSource tokens, string? tlsServerName, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // SocketsHttpHandler verifies the certificate against the Host header if there is one.
        request.Headers.Host = tlsServerName;
        var response = await SendWithTokenAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !tokens.Discard())
        {
            return response;
        }

        response.Dispose();
        return await SendWithTokenAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendWithTokenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancellationToken);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await base.SendAsync(request, cancellationToken);
    }
}
