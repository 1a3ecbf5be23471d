namespace ClusterTrust.Sandbox.Entra;

/// <summary>A refusal of the token endpoint. The wording is close to Entra's, not verbatim.</summary>
/// <param name="error">The OAuth error, such as <c>invalid_client</c>.</param>
/// <param name="code">The number behind AADSTS, as in reports of users.</param>
internal sealed class EntraError(int status, string error, int code, string message) : Refusal(status, $"AADSTS{code}: {message}")
{
    /// <summary>The body as Entra sends it, with fresh trace and correlation ids.</summary>
    public override JsonObject ToJson()
    {
        var timestamp = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var (trace, correlation) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        return new JsonObject
        {
            ["error"] = error,
            ["error_description"] = $"{Message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
            ["error_codes"] = new JsonArray(code),
            ["timestamp"] = timestamp,
            ["trace_id"] = trace,
            ["correlation_id"] = correlation,
            ["error_uri"] = $"https://login.microsoftonline.com/error?code={code}",
        };
    }

    /// <summary>None of the application's federated credentials matches a token, of which this part is the first to differ.</summary>
    public static EntraError NoMatch(int code, string what, string value) => new(
        401, "invalid_client", code, $"No matching federated identity record found for presented assertion {what} '{value}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion.");

    public static EntraError DocumentsUnreachable() => new(400, "invalid_request", 50166, "Request to External OIDC endpoint failed.");
}
