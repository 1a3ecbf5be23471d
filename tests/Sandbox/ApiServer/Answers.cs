namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Reads requests' bodies and writes answers with the API server's headers.</summary>
internal static class Answers
{
    private const string Json = "application/json";

    public static Task StatusAsync(this HttpContext context, ApiStatus status)
    {
        if (status.Code == StatusCodes.Status403Forbidden)
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
        }

        return context.JsonAsync(status.ToJson(), status.Code);
    }

    public static Task JsonAsync(this HttpContext context, JsonNode body, int status = StatusCodes.Status200OK) =>
        context.BytesAsync(JsonText.Bytes(body), Json, status);

    public static Task JsonAsync(this HttpContext context, ReadOnlyMemory<byte> body, int status = StatusCodes.Status200OK) =>
        context.BytesAsync(body, Json, status);

    public static Task TextAsync(this HttpContext context, string body, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.BytesAsync(Encoding.UTF8.GetBytes(body), "text/plain; charset=utf-8", status);
    }

    public static async Task BytesAsync(this HttpContext context, ReadOnlyMemory<byte> body, string contentType, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The body of a write, as a JSON object.</summary>
    public static async Task<JsonObject> ReadBodyAsync(this HttpContext context, params string[] contentTypes)
    {
        string[] understood = contentTypes.Length == 0 ? [Json, ProtobufBody.ContentType] : contentTypes;
        var given = (context.Request.ContentType ?? Json).Split(';')[0].Trim();
        var unsupported = new StatusException(ApiStatus.UnsupportedMediaType(
            $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", understood)}"));
        if (!understood.Contains(given))
        {
            throw unsupported;
        }

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        if (given == ProtobufBody.ContentType)
        {
            return ProtobufBody.Read(bytes.ToArray()) ?? throw unsupported;
        }

        return JsonNode.Parse(bytes.ToArray()) as JsonObject ?? throw unsupported;
    }
}
