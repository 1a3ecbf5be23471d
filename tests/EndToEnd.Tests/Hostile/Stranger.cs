using System.Collections.Concurrent;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>A host that no credential is meant for. It keeps every request whole, and answers as if it were what was expected.</summary>
/// <param name="authority">Issues its certificate.</param>
internal sealed class Stranger(CertificateAuthority authority) : SandboxServer(authority, Host)
{
    /// <summary>Its name.</summary>
    public const string Host = "evil.example";

    /// <summary>Every request: its line, headers and body.</summary>
    public ConcurrentQueue<string> Seen { get; } = new();

    /// <summary>Starts one.</summary>
    public static async Task<Stranger> BeginAsync(CertificateAuthority authority)
    {
        var stranger = new Stranger(authority);
        await stranger.StartAsync();
        return stranger;
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = string.Join('\n', context.Request.Headers.Select(static header => $"{header.Key}: {header.Value}"));
        Seen.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n{headers}\n\n{await reader.ReadToEndAsync()}");
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync("""{"value":[],"items":[],"keys":[]}""");
    }
}
