namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>Answers in a server's place.</summary>
internal static class Hijack
{
    /// <summary>Answers requests with a status and a body.</summary>
    public static void Answer(
        this SandboxServer server, Func<HttpRequest, bool> when, int status, string body, string contentType = "application/json") => server.Instead = async context =>
    {
        if (!when(context.Request))
        {
            return false;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(body);
        return true;
    };

    /// <summary>Begins a response and continues without end.</summary>
    /// <param name="more">What comes again and again; blanks if null.</param>
    public static void AnswerWithoutEnd(
        this SandboxServer server, Func<HttpRequest, bool> when, string start, string contentType = "application/json", string more = " ") => server.Instead = async context =>
    {
        if (!when(context.Request))
        {
            return false;
        }

        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(start);
        var part = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(more, 64 * 1024 / more.Length)));
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.Body.WriteAsync(part, context.RequestAborted);
        }

        return true;
    };

    /// <summary>Has every server go back to the truth.</summary>
    public static void Behave(this SandboxCluster cluster)
    {
        foreach (var server in new SandboxServer[] { cluster.ApiServer, cluster.KeyVault, cluster.Entra, cluster.Https, cluster.Pages })
        {
            (server.Instead, server.Tamper) = (null, null);
        }
    }

    public static bool Has(this HttpRequest request, string part) => $"{request.Path}{request.QueryString}".Contains(part, StringComparison.Ordinal);
}
