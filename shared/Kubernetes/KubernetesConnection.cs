using System.Net.Http.Headers;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;

namespace ClusterTrust.Kubernetes;

/// <summary>
/// A connection to one API server: authenticated, over verified TLS and HTTP/2, with retries. Every fault is thrown as a
/// <see cref="KubernetesException"/> whose message states in one sentence what failed and what to do. Safe for concurrent use.
/// </summary>
public sealed class KubernetesConnection : IDisposable
{
    private const string Json = "application/json";

    // A page of 500 Secrets' metadata is about 1 MiB; a longer page is requested again with a smaller limit, down to one object. That is
    // at most 1.5 MiB in etcd, and JSON escapes may take six bytes for one. Deserializing takes several times this in memory.
    private const int MaxJsonBytes = 12 * 1024 * 1024;

    private readonly ClusterConfiguration _cluster;
    private readonly KubernetesOptions _options;
    private readonly KubernetesEnvironment _environment;
    private readonly ILogger _logger;
    private readonly ServerTrust _trust;
    private readonly IWebProxy _proxy;
    private readonly ServerHandler _handler;
    private readonly ResiliencePipeline _retries;

    private KubernetesConnection(ClusterConfiguration cluster, KubernetesOptions options, KubernetesEnvironment environment, TimeProvider clock, ILogger logger)
    {
        (_cluster, _options, _environment, Clock, _logger) = (cluster, options, environment, clock, logger);
        _trust = new ServerTrust(cluster.Authorities);
        _proxy = ServerHandler.ProxyOf(cluster, environment);
        _handler = new ServerHandler(_proxy, _trust);
        _retries = RetriesOf(options, clock, logger);
    }

    public Uri Server => _cluster.Server;

    /// <summary>The DNS names and IP addresses in the API server's serving certificate; empty before the first request that reached it.</summary>
    public IReadOnlyCollection<string> CertificateNames => _trust.CertificateNames;

    /// <summary>The namespace of the pod or of the context, or <c>default</c>.</summary>
    public string Namespace => _cluster.Namespace;

    /// <summary>The clock of retries and Events.</summary>
    internal TimeProvider Clock { get; }

    /// <summary>Reads the configuration; nothing is sent yet.</summary>
    /// <param name="logger">Logs retries (debug); null for none.</param>
    /// <exception cref="JobException">There is no configuration, or it is invalid (<see cref="ExitCode.Usage"/>).</exception>
    public static KubernetesConnection Open(
        KubernetesOptions options, KubernetesEnvironment environment, TimeProvider? clock = null, ILogger? logger = null)
    {
        clock ??= TimeProvider.System;
        return new KubernetesConnection(ClusterConfiguration.Load(options, environment, clock), options, environment, clock, logger ?? NullLogger.Instance);
    }

    /// <summary>Opens a second connection to another address of the same cluster, with the same credentials and the same trust. Dispose of both.</summary>
    /// <exception cref="JobException">A token must not be sent to the address.</exception>
    public KubernetesConnection To(Uri server)
    {
        ClusterConfiguration.Check(server);
        return new KubernetesConnection(_cluster with { Server = server }, _options, _environment, Clock, _logger);
    }

    /// <summary>The current bearer token; null with a client certificate. Never log it.</summary>
    /// <exception cref="JobException">There is no credential.</exception>
    public async ValueTask<string?> CurrentTokenAsync(CancellationToken cancellationToken) => (await _cluster.Credentials.GetAsync(cancellationToken)).Token;

    /// <summary>Sends a request and reads its response; an incomplete body is a failed try and is read again from the start.</summary>
    /// <param name="request">Its address is a path (<c>/api/v1/…</c>) on <see cref="Server"/>; its content must be repeatable.</param>
    /// <param name="read">Reads the body, once per try; a <see cref="JsonException"/> or <see cref="IOException"/> fails the try.</param>
    /// <exception cref="KubernetesException">No complete 2xx response after all tries.</exception>
    public async Task<T> ReadAsync<T>(HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        Address(request);
        return await _retries.ExecuteAsync(async token => await TryAsync(request, read, _options.TryTimeout, token), cancellationToken);
    }

    /// <summary>GETs JSON, deserialized while it arrives; more than 12 MiB of it is a fault (<see cref="KubernetesException.IsTooLong"/>).</summary>
    /// <param name="path">Path and query, starting with a slash.</param>
    /// <param name="accept">The media type to accept; <c>application/json</c> when null.</param>
    public async Task<T> GetJsonAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, string? accept = null)
    {
        using var request = Request(HttpMethod.Get, path, accept);
        return await ReadJsonAsync(request, type, cancellationToken);
    }

    /// <summary>Sends JSON and reads the same type. Retried like any other request, so the caller handles the 409 of an object that an earlier try created.</summary>
    /// <param name="path">Path and query, starting with a slash.</param>
    public async Task<T> SendJsonAsync<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = Request(method, path, body, type);
        return await ReadJsonAsync(request, type, cancellationToken);
    }

    public void Dispose() => _handler.Dispose();

    /// <summary>POSTs JSON without retries, and ignores the response.</summary>
    internal async Task PostOnceAsync<T>(string path, T body, JsonTypeInfo<T> type, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, path, body, type);
        Address(request);
        await TryAsync(request, static (_, _) => Task.FromResult(true), timeout, cancellationToken);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? accept)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept ?? Json);
        return request;
    }

    private static HttpRequestMessage Request<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type)
    {
        var request = Request(method, path, accept: null);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        request.Content.Headers.ContentType = new(Json);
        return request;
    }

    private Task<T> ReadJsonAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken) => ReadAsync(
        request,
        async (response, token) =>
        {
            await using var body = new BoundedStream(
                await response.Content.ReadAsStreamAsync(token), MaxJsonBytes, () => TransportFault.TooLong(request, MaxJsonBytes, Server));
            return await JsonSerializer.DeserializeAsync(body, type, token) ?? throw new JsonException();
        },
        cancellationToken);

    /// <summary>One try, without the time that a credential plugin takes.</summary>
    private Task<T> TryAsync<T>(
        HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, TimeSpan timeout, CancellationToken cancellationToken) =>
        _cluster.Credentials.SendAsync(credential => TryAsync(request, credential, read, timeout, cancellationToken), cancellationToken);

    private async Task<T> TryAsync<T>(
        HttpRequestMessage request,
        Credential credential,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        request.Headers.Authorization = credential.Token is { } bearer ? new AuthenticationHeaderValue("Bearer", bearer) : null;
        using var deadline = new CancellationTokenSource(timeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await _handler.SendAsync(request, credential.Certificate, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw await ServerFault.ReadAsync(response, Server, credential.User, Clock, either.Token);
            }

            return await read(response, either.Token);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw TransportFault.TimedOut(fault, request, Server);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw TransportFault.From(fault, request, Server, _proxy);
        }
        catch (JsonException fault)
        {
            // Without the parser's message: it quotes what follows an unknown word, which may be a token.
            throw TransportFault.NotJson(
                new JsonException("not the JSON that was expected", fault.Path, fault.LineNumber, fault.BytePositionInLine), request, response!, Server);
        }
        finally
        {
            response?.Dispose();
        }
    }

    private void Address(HttpRequestMessage request)
    {
        if (request.RequestUri is not { IsAbsoluteUri: false } path || path.OriginalString is not ['/', not '/', ..])
        {
            throw new ArgumentException("The request's address must be a path that starts with one slash.", nameof(request));
        }

        request.RequestUri = new Uri(Server.AbsoluteUri.TrimEnd('/') + path.OriginalString);

        // SocketsHttpHandler verifies the certificate against the Host header if there is one.
        request.Headers.Host = _cluster.TlsServerName;
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        if (request.Headers.UserAgent.Count == 0)
        {
            request.Headers.UserAgent.ParseAdd(_options.UserAgent);
        }
    }

    private static ResiliencePipeline RetriesOf(KubernetesOptions options, TimeProvider clock, ILogger logger) => Retries.Of(
        clock,
        options.Attempts - 1,
        TimeSpan.FromMilliseconds(500),
        static fault => fault is KubernetesException { MayRetry: true },
        static fault => (fault as KubernetesException)?.RetryAfter is { } requested ? TimeSpan.FromTicks(Math.Min(requested.Ticks, KubernetesOptions.MaxRetryAfter.Ticks)) : null,
        (attempt, delay, fault) => logger.Retrying(attempt, delay, fault.Message));
}

internal static partial class KubernetesLog
{
    [LoggerMessage(EventId = 20, EventName = "KubernetesRetry", Level = LogLevel.Debug, Message = "Try {Attempt} failed, the next follows in {Delay}: {Fault}")]
    public static partial void Retrying(this ILogger logger, int attempt, TimeSpan delay, string fault);
}
