using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterTrust.Sandbox.Git;

/// <summary>Runs <c>git http-backend</c> as a CGI program (RFC 3875) for one request; bodies are streamed in both directions.</summary>
internal static class HttpBackend
{
    /// <param name="context">The request and its answer.</param>
    /// <param name="root">GIT_PROJECT_ROOT.</param>
    /// <param name="path">PATH_INFO.</param>
    /// <param name="user">REMOTE_USER.</param>
    public static async Task RunAsync(HttpContext context, string root, string path, string user)
    {
        var request = context.Request;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var start = GitProgram.StartInfo(["http-backend"], root);
        start.RedirectStandardError = false;
        foreach (var (name, value) in Variables(request, root, path, user))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            await using var kill = context.RequestAborted.Register(() => process.Kill(entireProcessTree: true));
            var feeding = FeedAsync(request.Body, process, context.RequestAborted);
            await ReadHeadersAsync(process.StandardOutput.BaseStream, context.Response);
            await process.StandardOutput.BaseStream.CopyToAsync(context.Response.Body, context.RequestAborted);
            await feeding;
            await process.WaitForExitAsync(context.RequestAborted);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static Dictionary<string, string> Variables(HttpRequest request, string root, string path, string user)
    {
        var variables = new Dictionary<string, string>
        {
            ["GIT_PROJECT_ROOT"] = root,
            ["GIT_HTTP_EXPORT_ALL"] = "1",
            ["GATEWAY_INTERFACE"] = "CGI/1.1",
            ["SERVER_PROTOCOL"] = "HTTP/1.1",
            ["REQUEST_METHOD"] = request.Method,
            ["PATH_INFO"] = path,
            ["QUERY_STRING"] = request.QueryString.Value?.TrimStart('?') ?? "",
            ["CONTENT_TYPE"] = request.ContentType ?? "",
            ["HTTP_CONTENT_ENCODING"] = request.Headers.ContentEncoding.ToString(),
            ["GIT_PROTOCOL"] = request.Headers["Git-Protocol"].ToString(),
            ["REMOTE_ADDR"] = "127.0.0.1",
            ["REMOTE_USER"] = user,
        };
        if (request.ContentLength is { } length)
        {
            variables["CONTENT_LENGTH"] = length.ToString(CultureInfo.InvariantCulture);
        }

        return variables;
    }

    private static async Task FeedAsync(Stream body, Process process, CancellationToken cancellation)
    {
        try
        {
            await body.CopyToAsync(process.StandardInput.BaseStream, cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // git has its answer before the end of the body; what it wrote says why.
        }
    }

    private static async Task ReadHeadersAsync(Stream output, HttpResponse response)
    {
        while (await ReadLineAsync(output) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            if (name.Equals("Status", StringComparison.OrdinalIgnoreCase))
            {
                response.StatusCode = int.Parse(value.AsSpan(0, 3), CultureInfo.InvariantCulture);
            }
            else
            {
                response.Headers[name] = value;
            }
        }
    }

    private static async Task<string> ReadLineAsync(Stream output)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await output.ReadAsync(one) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }
}
