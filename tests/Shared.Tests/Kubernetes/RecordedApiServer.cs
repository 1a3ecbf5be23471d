using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>An API server that replays recordings of a real one, and returns 404 for everything else.</summary>
internal sealed class RecordedApiServer(CertificateAuthority authority) : SandboxServer(authority)
{
    /// <summary>The recordings that it answers with.</summary>
    public List<Recording> Recordings { get; } = [];

    /// <summary>The only accepted bearer token; null accepts any.</summary>
    public string? AcceptedToken { get; set; }

    /// <summary>Handles a request before the recordings; returns false to leave it to them.</summary>
    public Func<HttpContext, string, Task<bool>>? First { get; set; }

    /// <summary>The bodies of the requests, in order.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>The protocols of the requests, in order.</summary>
    public ConcurrentQueue<string> Protocols { get; } = new();

    /// <summary>The subjects of the client certificates of the requests that had one, in order.</summary>
    public ConcurrentQueue<string> Subjects { get; } = new();

    protected override void ConfigureTls(HttpsConnectionAdapterOptions https)
    {
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } client)
        {
            Subjects.Enqueue(client.Subject);
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        Bodies.Enqueue(body);
        Protocols.Enqueue(context.Request.Protocol);
        if (AcceptedToken is not null && context.Request.Headers.Authorization != $"Bearer {AcceptedToken}")
        {
            await AnswerAsync(context, Recording.Number("04"));
            return;
        }

        if (First is { } first && await first(context, body))
        {
            return;
        }

        var path = $"{context.Request.Path}{context.Request.QueryString}";
        await AnswerAsync(context, Recordings.FirstOrDefault(r => r.Method == context.Request.Method && r.Path == path) ?? Recording.Number("14"));
    }

    public static Task AnswerAsync(HttpContext context, Recording recording) => AnswerAsync(context, recording.Status, recording.Body, recording.ContentType);

    public static Task AnswerAsync(HttpContext context, int status, string body, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body);
    }
}
