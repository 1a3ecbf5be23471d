namespace ClusterTrust.Sandbox.ApiServer;

internal static class Answers
{
    public const string Json = "application/json";

    public static Task JsonAsync(this HttpContext context, JsonNode body, int status = StatusCodes.Status200OK, string contentType = "application/json; charset=utf-8") =>
        context.BytesAsync(JsonText.Bytes(body), contentType, status);

    public static Task TextAsync(this HttpContext context, string body, int status = StatusCodes.Status200OK, string contentType = "text/plain; charset=utf-8") =>
        context.BytesAsync(Encoding.UTF8.GetBytes(body), contentType, status);

    public static async Task BytesAsync(this HttpContext context, ReadOnlyMemory<byte> body, string contentType = Json, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The body of a write to the API server, as a JSON object.</summary>
    public static async Task<JsonObject> ReadBodyAsync(this HttpContext context, params string[] contentTypes)
    {
        string[] understood = contentTypes.Length == 0 ? [Json, ProtobufBody.ContentType] : contentTypes;
        var given = (context.Request.ContentType ?? Json).Split(';')[0].Trim();
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        var body = given == ProtobufBody.ContentType ? ProtobufBody.Read(bytes.ToArray()) : understood.Contains(given) ? JsonNode.Parse(bytes.ToArray()) as JsonObject : null;
        return body ?? throw new ApiStatus(
            415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", understood)}");
    }
}
