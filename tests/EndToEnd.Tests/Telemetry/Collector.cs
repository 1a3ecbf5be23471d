namespace ClusterTrust.EndToEnd.Tests.Telemetry;

/// <summary>Receives metrics and traces, and keeps their bytes.</summary>
internal sealed class Collector(CertificateAuthority authority) : SandboxServer(authority)
{
    public ConcurrentQueue<string> Bodies { get; } = new();

    protected override async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Bodies.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }
}
