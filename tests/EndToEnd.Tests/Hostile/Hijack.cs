using System.Text;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>Answers in a server's place.</summary>
internal static class Hijack
{
    /// <summary>Answers requests with a status, a body and a header.</summary>
    /// <param name="when">Which requests.</param>
    public static void Answer(this SandboxServer server, Func<HttpRequest, bool> when, int status, string body = "", string? location = null) => server.Instead = async context =>
    {
        if (!when(context.Request))
        {
            return false;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (location is not null)
        {
            context.Response.Headers.Location = location;
        }

        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        return true;
    };

    /// <summary>Begins an answer and goes on with blanks without end.</summary>
    public static void AnswerWithoutEnd(this SandboxServer server, Func<HttpRequest, bool> when, string start, string contentType = "application/json", string? more = null) => server.Instead = async context =>
    {
        if (!when(context.Request))
        {
            return false;
        }

        context.Response.ContentType = contentType;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(start));
        var part = more is null ? new byte[256 * 1024] : Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(more, 64 * 1024 / more.Length)));
        if (more is null)
        {
            part.AsSpan().Fill((byte)' ');
        }

        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.Body.WriteAsync(part, context.RequestAborted);
        }

        return true;
    };

    /// <summary>Answers every request for Secrets with an error whose message is a megabyte long and steers a terminal.</summary>
    public static void AnswerWithError(this SandboxServer server, int status) => server.Answer(
        static request => request.Has("/secrets"),
        status,
        $$"""{"kind":"Status","status":"Failure","message":"\u001b[2J\u0007no\r\n{{new string('x', 1 << 20)}}","reason":"Forbidden","code":{{status}}}""");

    /// <summary>Goes back to the truth.</summary>
    public static void Behave(this SandboxServer server) => (server.Instead, server.Tamper, server.OnRequest) = (null, null, null);

    public static bool Has(this HttpRequest request, string part) => $"{request.Path}{request.QueryString}".Contains(part, StringComparison.Ordinal);
}
