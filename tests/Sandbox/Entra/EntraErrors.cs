namespace ClusterTrust.Sandbox.Entra;

/// <summary>The refusals the sandbox knows, with status, OAuth error and code as users have met them. The wording is close to Entra's, not verbatim.</summary>
internal static class EntraErrors
{
    private const string Federation = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

    public static EntraErrorException TenantNotFound(string tenant) => Refuse(400, "invalid_request", 90002,
        $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");

    public static EntraErrorException ApplicationNotFound(string client, string tenant) => Refuse(400, "unauthorized_client", 700016,
        $"Application with identifier '{client}' was not found in the directory '{tenant}'. You may have sent your authentication request to the wrong tenant.");

    public static EntraErrorException ParameterMissing(string name) => Refuse(400, "invalid_request", 900144,
        $"The request body must contain the following parameter: '{name}'.");

    public static EntraErrorException GrantUnsupported(string grant) => Refuse(400, "unsupported_grant_type", 70003,
        $"The app requested an unsupported grant type '{grant}'.");

    public static EntraErrorException CredentialMissing() => Refuse(401, "invalid_client", 7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");

    public static EntraErrorException ScopeInvalid(string scope) => Refuse(400, "invalid_scope", 1002012,
        $"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");

    public static EntraErrorException ResourceNotFound(string resource, string tenant) => Refuse(400, "invalid_resource", 500011,
        $"The resource principal named {resource} was not found in the tenant named {tenant}.");

    public static EntraErrorException SecretInvalid(string client) => Refuse(401, "invalid_client", 7000215,
        $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.");

    public static EntraErrorException AssertionMalformed() => Refuse(400, "invalid_request", 50027,
        "JWT token is invalid or malformed.");

    public static EntraErrorException AlgorithmUnsupported(string algorithm) => Refuse(401, "invalid_client", 5002738,
        $"Invalid JWT token. '{algorithm}' is not a supported signature algorithm. Supported signing algorithms are: 'RS256'");

    public static EntraErrorException NoFederatedCredentials(string client) => Refuse(401, "invalid_client", 70025,
        $"The client '{client}' has no configured federated identity credentials.");

    public static EntraErrorException IssuerUnknown(string issuer) => NoMatch(700211, "issuer", issuer);

    public static EntraErrorException AudienceUnknown(string audience) => NoMatch(700212, "audience", audience);

    public static EntraErrorException SubjectUnknown(string subject) => NoMatch(700213, "subject", subject);

    public static EntraErrorException OutsideValidity(DateTimeOffset now, DateTimeOffset? from, DateTimeOffset? to) => Refuse(401, "invalid_client", 700024,
        $"Client assertion is not within its valid time range. Current time: {Time(now)}, assertion valid from {Time(from)}, expiry time of assertion {Time(to)}.");

    public static EntraErrorException DocumentsUnreachable() => Refuse(400, "invalid_request", 50166,
        "Request to External OIDC endpoint failed.");

    public static EntraErrorException KeyNotPublished(string keyId, string issuer) => Refuse(401, "invalid_client", 7000272,
        $"The certificate with identifier {keyId} used to sign the federated credential could not be found in the metadata of identity provider {issuer}. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.");

    public static EntraErrorException SignatureInvalid(string reason) => Refuse(401, "invalid_client", 700027,
        $"Client assertion contains an invalid signature. [Reason - {reason}]");

    private static EntraErrorException NoMatch(int code, string what, string value) => Refuse(401, "invalid_client", code,
        $"No matching federated identity record found for presented assertion {what} '{value}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. {Federation}");

    private static string Time(DateTimeOffset? time) =>
        time is { } known ? known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture) : "(none)";

    private static EntraErrorException Refuse(int status, string error, int code, string message) =>
        new(new EntraError(status, error, code, message));
}

/// <summary>A refusal of the token endpoint.</summary>
/// <param name="Error">The OAuth error, such as <c>invalid_client</c>.</param>
/// <param name="Code">The number behind AADSTS.</param>
public sealed record EntraError(int Status, string Error, int Code, string Message)
{
    /// <summary>The body as Entra sends it, with fresh trace and correlation ids.</summary>
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

/// <summary>Carries a refusal up to the token endpoint.</summary>
internal sealed class EntraErrorException(EntraError error) : Exception($"AADSTS{error.Code}: {error.Message}")
{
    public EntraError Error { get; } = error;
}
