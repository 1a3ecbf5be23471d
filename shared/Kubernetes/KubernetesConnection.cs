using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes.Configuration;
using ClusterTrust.Kubernetes.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;

namespace ClusterTrust.Kubernetes;

/// <summary>
/// A connection to one API server: authenticated, over verified TLS and HTTP/2, with retries. Every fault is thrown as a
/// <see cref="KubernetesException"/> whose message says in one sentence what failed and what to do. Safe for concurrent use.
/// </summary>
public sealed class KubernetesConnection : IDisposable
{
    private const string Json = "application/json";

    // A page of 500 Secrets' metadata is about 1 MiB; what is much longer would not fit into a pod's memory.
    // Lists come in pages, which are asked for again with a smaller limit. One text without end takes several times this in memory.
    private const int MaxJsonBytes = 8 * 1024 * 1024;

    private readonly ClusterConfiguration cluster;
    private readonly KubernetesOptions options;
    private readonly KubernetesEnvironment environment;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly ServerTrust trust;
    private readonly HttpMessageInvoker invoker;
    private readonly ResiliencePipeline retries;

    private KubernetesConnection(ClusterConfiguration cluster, KubernetesOptions options, KubernetesEnvironment environment, TimeProvider clock, ILogger logger)
    {
        (this.cluster, this.options, this.environment, this.clock, this.logger) = (cluster, options, environment, clock, logger);
        trust = new ServerTrust(cluster.Authorities);
        invoker = new HttpMessageInvoker(ServerHandler.Create(cluster, environment, trust));
        retries = RetryPipeline.Create(options, clock, logger);
    }

    /// <summary>The API server's address.</summary>
    public Uri Server => cluster.Server;

    /// <summary>The DNS names and IP addresses in the API server's serving certificate; empty before the first request that reached it.</summary>
    public IReadOnlyCollection<string> CertificateNames => trust.CertificateNames;

    /// <summary>The namespace of one's own: the pod's, the context's, or <c>default</c>.</summary>
    public string Namespace => cluster.Namespace;

    /// <summary>Who the credentials speak for, for messages only: the token's <c>sub</c> (unverified) or the client certificate's common name; null when they do not say.</summary>
    public string? Identity => cluster.Identity;

    /// <summary>The clock that retries, leases and events go by.</summary>
    internal TimeProvider Clock => clock;

    /// <summary>Reads the configuration; nothing is sent yet.</summary>
    /// <param name="options">Which API server, as whom, how patiently.</param>
    /// <param name="clock">The system's when null.</param>
    /// <param name="logger">Where retries are told (debug); nowhere when null.</param>
    /// <param name="environment">This process's when null.</param>
    /// <exception cref="JobException">There is no configuration, or it is broken (<see cref="ExitCode.Usage"/>).</exception>
    public static KubernetesConnection Open(
        KubernetesOptions options, TimeProvider? clock = null, ILogger? logger = null, KubernetesEnvironment? environment = null)
    {
        (clock, environment) = (clock ?? TimeProvider.System, environment ?? KubernetesEnvironment.OfThisProcess);
        return new KubernetesConnection(ConfigurationSource.Load(options, environment, clock), options, environment, clock, logger ?? NullLogger.Instance);
    }

    /// <summary>A second connection to another address of the same cluster, with the same credentials and the same trust. Dispose of both.</summary>
    /// <exception cref="JobException">The address is not one a token may be sent to.</exception>
    public KubernetesConnection To(Uri server)
    {
        ConfigurationSource.Check(server);
        return new KubernetesConnection(cluster with { Server = server }, options, environment, clock, logger);
    }

    /// <summary>The bearer token as it would be sent now; null when a client certificate authenticates. Never log it.</summary>
    public ValueTask<string?> CurrentTokenAsync(CancellationToken cancellation) => cluster.Tokens.GetAsync(cancellation);

    /// <summary>Sends a request and returns as soon as the headers of a 2xx answer are there; the caller reads the body and disposes of the answer.</summary>
    /// <param name="request">Its address is a path (<c>/api/v1/…</c>) on <see cref="Server"/>; its content must be one that can be sent twice.</param>
    /// <exception cref="KubernetesException">No 2xx answer, after all tries.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        ExecuteAsync(request, static (response, _) => Task.FromResult(response), keepsResponse: true, cancellation);

    /// <summary>Sends a request and reads its answer; a body that breaks off is a failed try and is read again from the start.</summary>
    /// <param name="request">As in <see cref="SendAsync"/>.</param>
    /// <param name="read">Reads the whole body; runs once a try. A <see cref="JsonException"/> or <see cref="IOException"/> of it fails the try.</param>
    /// <exception cref="KubernetesException">No 2xx answer, or no whole one, after all tries.</exception>
    public Task<T> ReadAsync<T>(HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellation) =>
        ExecuteAsync(request, read, keepsResponse: false, cancellation);

    /// <summary>GETs JSON, deserialized while it arrives; more than 8 MiB of it is a fault (<see cref="KubernetesException.IsTooLong"/>).</summary>
    /// <param name="path">Path and query, starting with a slash.</param>
    /// <param name="accept">The media type to ask for; <c>application/json</c> when null.</param>
    public async Task<T> GetJsonAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation, string? accept = null)
    {
        using var request = Request(HttpMethod.Get, path, accept);
        return await ReadJsonAsync(request, type, cancellation);
    }

    /// <summary>POSTs JSON. Sent again only when the server cannot have seen it (no connection) or put it off (429).</summary>
    /// <param name="path">Path and query, starting with a slash.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="bodyType">How it is written.</param>
    /// <param name="answerType">How the answer is read.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="repeatable">Whether it is sent again after any passing fault: the caller knows what a 409 means then.</param>
    public Task<TAnswer> PostJsonAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation, bool repeatable = false) =>
        SendJsonAsync(HttpMethod.Post, path, body, bodyType, Json, answerType, cancellation, repeatable);

    /// <summary>PUTs JSON.</summary>
    public Task<TAnswer> PutJsonAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation) =>
        SendJsonAsync(HttpMethod.Put, path, body, bodyType, Json, answerType, cancellation);

    public void Dispose() => invoker.Dispose();

    /// <summary>POSTs JSON once, whatever comes of it, and reads no answer: for what is not worth waiting for.</summary>
    internal async Task PostOnceAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, TimeSpan timeout, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Post, path, body, bodyType, Json);
        Address(request);
        await TryAsync(request, static (_, _) => Task.FromResult(true), keepsResponse: false, timeout, cancellation);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? accept)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept ?? Json);
        return request;
    }

    private static HttpRequestMessage Request<TBody>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, string mediaType)
    {
        var request = Request(method, path, accept: null);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        request.Content.Headers.ContentType = new(mediaType);
        return request;
    }

    private async Task<TAnswer> SendJsonAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, string mediaType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation,
        bool repeatable = false)
    {
        using var request = Request(method, path, body, bodyType, mediaType);
        request.Options.Set(ServerFault.Repeatable, repeatable);
        return await ReadJsonAsync(request, answerType, cancellation);
    }

    private Task<T> ReadJsonAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellation) => ReadAsync(
        request,
        async (response, token) =>
        {
            await using var body = new BoundedStream(
                await response.Content.ReadAsStreamAsync(token), MaxJsonBytes, () => TransportFault.TooLong(request, MaxJsonBytes, Server));
            return await JsonSerializer.DeserializeAsync(body, type, token) ?? throw new JsonException();
        },
        cancellation);

    private async Task<T> ExecuteAsync<T>(
        HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, bool keepsResponse, CancellationToken cancellation)
    {
        Address(request);
        return await retries.ExecuteAsync(async token => await TryAsync(request, read, keepsResponse, options.TryTimeout, token), cancellation);
    }

    private async Task<T> TryAsync<T>(
        HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, bool keepsResponse, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        HttpResponseMessage? response = null;
        var done = false;
        try
        {
            response = await invoker.SendAsync(request, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw await ServerFault.ReadAsync(response, Server, Identity, clock, either.Token);
            }

            var result = await read(response, either.Token);
            done = true;
            return result;
        }
        catch (OperationCanceledException fault) when (!cancellation.IsCancellationRequested)
        {
            throw TransportFault.TimedOut(fault, request, Server, connected: deadline.IsCancellationRequested);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw TransportFault.From(fault, request, Server);
        }
        catch (JsonException fault)
        {
            // Without the reader's own words: it quotes all that follows a word it does not know, and that may be a token.
            throw TransportFault.NotJson(
                new JsonException("not the JSON that was expected", fault.Path, fault.LineNumber, fault.BytePositionInLine), request, response!, Server);
        }
        finally
        {
            if (!(done && keepsResponse))
            {
                response?.Dispose();
            }
        }
    }

    private void Address(HttpRequestMessage request)
    {
        if (request.RequestUri is not { IsAbsoluteUri: false } path || path.OriginalString is not ['/', not '/', ..])
        {
            throw new ArgumentException("The request's address must be a path that starts with one slash.", nameof(request));
        }

        request.RequestUri = new Uri(Server.AbsoluteUri.TrimEnd('/') + path.OriginalString);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        if (request.Headers.UserAgent.Count == 0)
        {
            request.Headers.UserAgent.ParseAdd(options.UserAgent);
        }
    }
}
