using System.Net;
using System.Net.Http.Headers;
using ClusterTrust.Hosting;
using ClusterTrust.Text;

namespace ClusterTrust.Kubernetes;

/// <summary>The source of the bearer token.</summary>
internal interface ITokenSource
{
    /// <summary>The current token; null for none (client certificates).</summary>
    /// <exception cref="JobException">There is no token.</exception>
    ValueTask<string?> GetAsync(CancellationToken cancellationToken);

    /// <summary>Discards the last token, which the server refused.</summary>
    /// <returns>Whether the source may have another one.</returns>
    bool Discard();
}

/// <summary>A token in the kubeconfig, or none.</summary>
internal sealed class FixedToken(string? token) : ITokenSource
{
    public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(token);

    public bool Discard() => false;
}

/// <summary>A token in a file, which is read again after a minute: the kubelet renews the pod's token before it expires.</summary>
internal sealed class FileToken(string path, TimeProvider clock) : ITokenSource
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private string? _token;
    private long _readAt;

    /// <exception cref="JobException">The file is missing, unreadable or not a token.</exception>
    public string Read()
    {
        lock (_lock)
        {
            if (_token is null || clock.GetElapsedTime(_readAt) >= MaxAge)
            {
                _token = Load();
                _readAt = clock.GetTimestamp();
            }

            return _token;
        }
    }

    public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(Read());

    public bool Discard()
    {
        lock (_lock)
        {
            _token = null;
            return true;
        }
    }

    private string Load()
    {
        try
        {
            using var content = FileContent.ReadFile(path, FileKind.Token);
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

/// <summary>Inspects a bearer token without trusting it.</summary>
internal static class TokenText
{
    /// <summary>Whether the text is valid in an Authorization header: visible ASCII only.</summary>
    public static bool IsSendable(string token) => token.Length > 0 && token.All(static c => c is > ' ' and <= '~');

    /// <summary>The <c>sub</c> claim of a JWT, unverified, for messages; null when the token is no JWT or has none.</summary>
    public static string? Subject(string? token) =>
        JsonWebToken.TryParse(token, out var parsed) && parsed.Subject is { } subject ? Sanitizer.Sanitize(subject, 300) : null;
}

/// <summary>Sends the bearer token, and once more with a new one when the first was refused.</summary>
internal sealed class AuthenticationHandler(ITokenSource tokens, string? tlsServerName, HttpMessageHandler inner) : DelegatingHandler(inner)
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
