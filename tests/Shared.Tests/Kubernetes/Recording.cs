namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>One exchange with a real API server.</summary>
internal sealed record Recording(string Method, string Path, JsonElement RequestBody, int Status, string ContentType, string Body)
{
    /// <summary>Reads a recording by its number, such as <c>05</c>.</summary>
    public static Recording Number(string number)
    {
        var file = Directory.GetFiles(System.IO.Path.Combine(AppContext.BaseDirectory, "recordings"), $"{number}-*.json").Single();
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var (request, response) = (document.RootElement.GetProperty("request"), document.RootElement.GetProperty("response"));
        return new Recording(
            request.GetProperty("method").GetString()!,
            request.GetProperty("path").GetString()!,
            request.GetProperty("body").Clone(),
            response.GetProperty("status").GetInt32(),
            response.GetProperty("headers").GetProperty("content-type").GetString()!,
            response.GetProperty("body").GetRawText());
    }
}
