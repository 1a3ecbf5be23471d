using System.Globalization;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.Entra;

/// <summary>A refusal of the token endpoint.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">The OAuth error, such as <c>invalid_client</c>.</param>
/// <param name="Code">The number behind AADSTS.</param>
/// <param name="Message">One or more sentences, without the code.</param>
public sealed record EntraError(int Status, string Error, int Code, string Message)
{
    /// <summary>The body as Entra sends it, with fresh trace and correlation ids.</summary>
    /// <param name="now">The server's time.</param>
    /// <param name="correlationId">The caller's <c>client-request-id</c>, or null for a fresh one.</param>
    public JsonObject ToJson(DateTimeOffset now, string? correlationId)
    {
        var timestamp = now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var trace = Guid.NewGuid().ToString();
        var correlation = correlationId ?? Guid.NewGuid().ToString();
        return new JsonObject
        {
            ["error"] = Error,
            ["error_description"] = $"AADSTS{Code}: {Message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
            ["error_codes"] = new JsonArray(Code),
            ["timestamp"] = timestamp,
            ["trace_id"] = trace,
            ["correlation_id"] = correlation,
            ["error_uri"] = $"https://login.microsoftonline.com/error?code={Code}",
        };
    }
}
