using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ClusterTrust.Sandbox.Servers;

/// <summary>
/// One HTTPS server of the sandbox: Kestrel on 127.0.0.1 and a free port, with a certificate of the sandbox's CA, a record of
/// its requests and faults on demand. The servers derive from it and respond in <see cref="HandleAsync"/>.
/// </summary>
public abstract class SandboxServer(CertificateAuthority authority, params string[] names) : IAsyncDisposable
{
    private readonly ConcurrentQueue<RequestRecord> _requests = new();
    private WebApplication? _application;

    /// <summary>The port on 127.0.0.1; known after <see cref="StartAsync"/>, and kept over <see cref="StopAsync"/> and a new start.</summary>
    public int Port { get; private set; }

    /// <summary>The DNS names of the server's certificate besides localhost, 127.0.0.1 and ::1.</summary>
    public IReadOnlyList<string> Names { get; } = names;

    public Uri LoopbackAddress => new($"https://127.0.0.1:{Port}/");

    public FaultPlan<Fault, HttpRequest> Faults { get; } = new();

    /// <summary>Every request seen so far, in the order of their ends.</summary>
    public IReadOnlyCollection<RequestRecord> Requests => _requests;

    /// <summary>Replaces the TLS certificate for new connections: for example with an expired one, or one of an unknown CA. Null restores the valid one.</summary>
    public X509Certificate2? CertificateOverride { get; set; }

    /// <summary>Whether clients may present a certificate, of whatever CA; heeded by the next <see cref="StartAsync"/>.</summary>
    public bool RequestsClientCertificates { get; set; }

    /// <summary>Runs before each request is handled; a test can await or count here.</summary>
    public Func<HttpContext, Task>? OnRequest { get; set; }

    /// <summary>Answers in the server's place, however long that takes, and returns true; false leaves the request to the server. For hostile answers.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>Changes the body of an answer on its way out. For hostile answers.</summary>
    public Func<HttpContext, byte[], byte[]>? Tamper { get; set; }

    /// <summary>Runs after a request was processed and before its response is sent; a test can kill the client here.</summary>
    public Func<HttpContext, Task>? OnAnswer { get; set; }

    public void ForgetRequests() => _requests.Clear();

    public async Task StartAsync()
    {
        Port = Port == 0 ? LoopbackPorts.Take() : Port;
        for (var deadline = DateTime.UtcNow.AddMinutes(2); _application is null;)
        {
            try
            {
                _application = await BindAsync();
            }
            catch (IOException fault) when (fault.InnerException is AddressInUseException && DateTime.UtcNow < deadline)
            {
                // A process that was started in the moment of a stop holds a copy of the socket until it runs its program, and the port with it.
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Stops listening and drops every connection, as a killed server does. <see cref="StartAsync"/> brings it back on the same port.</summary>
    public async Task StopAsync() => await (Interlocked.Exchange(ref _application, null)?.DisposeAsync() ?? ValueTask.CompletedTask);

    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The bytes of the longest body whose length is announced; a longer one is sent in chunks, or over HTTP/2 until its stream ends.</summary>
    protected virtual int LongestAnnounced => int.MaxValue;

    /// <summary>Adds the headers that every answer of the service has.</summary>
    protected virtual void AddHeaders(HttpContext context)
    {
    }

    protected abstract Task HandleAsync(HttpContext context);

    /// <summary>Writes what the real service sends with a status of its own making (429, 503).</summary>
    protected virtual Task WriteFaultAsync(HttpContext context, int code) => context.BytesAsync(default, status: code);

    /// <summary>Writes what <see cref="HandleAsync"/> threw.</summary>
    private protected virtual Task RefuseAsync(HttpContext context, Refusal refusal) => context.JsonAsync(refusal.ToJson(), refusal.Status);

    private async Task<WebApplication> BindAsync()
    {
        var proper = authority.Issue(["localhost", "127.0.0.1", "::1", .. Names]);
        // The other builders each watch an appsettings.json that is not there, and a user may have 128 watches by default.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 64 * 1024 * 1024;
            options.Listen(IPAddress.Loopback, Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificateSelector = (_, _) => CertificateOverride ?? proper;
                    https.ClientCertificateMode = RequestsClientCertificates ? ClientCertificateMode.AllowCertificate : ClientCertificateMode.NoCertificate;
                    https.AllowAnyClientCertificate();
                });
            });
        });
        var built = builder.Build();
        built.Run(ServeAsync);
        return await built.StartedAsync(application => application.StartAsync());
    }

    private async Task ServeAsync(HttpContext context)
    {
        var fault = Faults.Take(context.Request);
        await (OnRequest?.Invoke(context) ?? Task.CompletedTask);
        if (Instead is { } instead && await instead(context))
        {
            Record(context, context.Response.StatusCode, context.Response.ContentLength ?? 0);
            return;
        }

        if (fault is Fault.Latency latency)
        {
            await Task.Delay(latency.Delay, context.RequestAborted);
        }

        if (fault is Fault.Reset)
        {
            Record(context, 0, 0);
            context.Abort();
            return;
        }

        var wire = context.Response.Body;
        await using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        AddHeaders(context);
        try
        {
            if (fault is Fault.Status status)
            {
                context.Response.Headers.RetryAfter = status.RetryAfterSeconds?.ToString(CultureInfo.InvariantCulture);
                await (status.Body is { } text ? context.TextAsync(text, status.Code, status.ContentType) : WriteFaultAsync(context, status.Code));
            }
            else
            {
                await HandleAsync(context);
            }
        }
        catch (Refusal refusal)
        {
            await RefuseAsync(context, refusal);
        }

        await (OnAnswer?.Invoke(context) ?? Task.CompletedTask);
        context.Response.Body = wire;
        var body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        body = Tamper?.Invoke(context, body.ToArray()) ?? body;
        if (fault is Fault.Truncate)
        {
            context.Response.ContentLength = body.Length <= LongestAnnounced ? body.Length + 1 : null;
            await wire.WriteAsync(body[..(body.Length / 2)]);
            await wire.FlushAsync();
            Record(context, 0, body.Length / 2);
            context.Abort();
            return;
        }

        // Recorded before the client can see the end of the answer, so that a test never counts too early.
        Record(context, context.Response.StatusCode, body.Length);
        context.Response.ContentLength = body.Length <= LongestAnnounced ? body.Length : null;
        await wire.WriteAsync(body, context.RequestAborted);
    }

    private void Record(HttpContext context, int status, long responseBytes)
    {
        var request = context.Request;
        _requests.Enqueue(new RequestRecord(request.Method, $"{request.Path}{request.QueryString}", status, request.ContentLength ?? 0, responseBytes));
    }
}

/// <summary>One request a server saw.</summary>
/// <param name="Status">The status answered; 0 when the connection was dropped.</param>
public sealed record RequestRecord(string Method, string Path, int Status, long RequestBytes, long ResponseBytes);

/// <summary>
/// A server runs from its start to its stop, whatever signals its process receives: those are for the caller, and a host of its own
/// would stop at one.
/// </summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
