namespace ClusterTrust.Sandbox.Entra;

/// <summary>
/// Emulates Microsoft Entra ID: the token endpoint for client credentials (federated token, client secret, certificate) and
/// instance discovery. A federated token is accepted only after its issuer's published
/// documents were read and its signature verified with a key found there.
/// </summary>
/// <param name="documents">Reads issuers' documents; its handler decides where their host names lead.</param>
public sealed class EntraServer(CertificateAuthority authority, HttpClient documents, TimeProvider? clock = null)
    : SandboxServer(authority, Hosts)
{
    /// <summary>What sign-in libraries may ask for before a token.</summary>
    private const string Clouds = """
        {"tenant_discovery_endpoint":"https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration","api-version":"1.1","metadata":[
          {"preferred_network":"login.microsoftonline.com","preferred_cache":"login.windows.net","aliases":["login.microsoftonline.com","login.windows.net","login.microsoft.com","sts.windows.net"]},
          {"preferred_network":"login.partner.microsoftonline.cn","preferred_cache":"login.partner.microsoftonline.cn","aliases":["login.partner.microsoftonline.cn","login.chinacloudapi.cn"]},
          {"preferred_network":"login.microsoftonline.us","preferred_cache":"login.microsoftonline.us","aliases":["login.microsoftonline.us","login.usgovcloudapi.net"]}]}
        """;

    /// <summary>The authorities of the public cloud, US Government and China.</summary>
    private static readonly string[] Hosts =
    [
        "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
        "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
    ];

    private static readonly string[] Scopes = ["https://vault.azure.net/.default", "https://vault.azure.cn/.default", "https://vault.usgovcloudapi.net/.default"];

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly AssertionValidator _assertions = new(documents, clock ?? TimeProvider.System);
    private readonly ConcurrentDictionary<string, AppRegistration> _applications = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, AccessToken> _issued = new(StringComparer.Ordinal);

    /// <summary>Registers an application. A tenant is there when it has one.</summary>
    public AppRegistration AddApplication(string tenantId)
    {
        var application = new AppRegistration(tenantId);
        return _applications[application.ClientId] = application;
    }

    public void AddFederatedCredential(string clientId, string issuer, string subject) =>
        _applications[clientId].FederatedCredentials.Add(new FederatedCredential(issuer, subject));

    public string IssueToken(AppRegistration application, string audience = "https://vault.azure.net")
    {
        var token = TokenIssuer.Sign(
            """{"typ":"JWT","alg":"RS256","kid":"sandbox"}""",
            $$"""{"aud":"{{audience}}","appid":"{{application.ClientId}}","oid":"{{application.ObjectId}}","tid":"{{application.TenantId}}"}""",
            static _ => RandomNumberGenerator.GetBytes(256));
        KnownSecrets.AddToken(token);
        _issued[token] = new AccessToken(application, audience, _clock.GetUtcNow() + Lifetime);
        return token;
    }

    /// <returns>The grant of the token if this server issued it and it has not expired; null otherwise.</returns>
    internal AccessToken? Validate(string token) => _issued.GetValueOrDefault(token) is { } known && known.ExpiresAt > _clock.GetUtcNow() ? known : null;

    protected override async Task HandleAsync(HttpContext context)
    {
        var answer = (context.Request.Method, context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
        {
            ("POST", [var tenant, "oauth2", "v2.0", "token"]) => await SignInAsync(context, tenant),
            ("GET", ["common", "discovery", "instance"]) => JsonNode.Parse(Clouds),
            _ => null,
        };
        await context.JsonAsync(answer ?? new JsonObject(), answer is null ? 404 : 200);
    }

    protected override void AddHeaders(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.Pragma = "no-cache";
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
    }

    protected override Task WriteFaultAsync(HttpContext context, int code) => RefuseAsync(context, code == 429
        ? new EntraError(429, "temporarily_unavailable", 90055, "The user or application has sent too many requests in a given amount of time.")
        : new EntraError(code, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again."));

    private async Task<JsonObject> SignInAsync(HttpContext context, string tenant)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var (client, scope) = (form["client_id"].ToString(), form["scope"].ToString());
        if (!_applications.Values.Any(known => IsIn(tenant, known)))
        {
            throw new EntraError(400, "invalid_request", 90002, $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");
        }

        if (form["grant_type"] != "client_credentials" || !Scopes.Contains(scope))
        {
            throw new EntraError(400, "invalid_request", 900144, $"The sandbox supports the grant client_credentials with the scopes {string.Join(' ', Scopes)}, not '{form["grant_type"]}' with '{scope}'.");
        }

        var application = _applications.GetValueOrDefault(client) is { } found && IsIn(tenant, found)
            ? found
            : throw new EntraError(400, "unauthorized_client", 700016, $"Application with identifier '{client}' was not found in the directory '{tenant}'.");
        if (form["client_assertion"].ToString() is { Length: > 0 } assertion)
        {
            await _assertions.ValidateAsync(application, assertion, context.RequestAborted);
        }
        else if (!application.Secrets.Contains(form["client_secret"].ToString()))
        {
            throw new EntraError(401, "invalid_client", 7000215, $"Invalid client secret provided for app '{client}'. Ensure the secret being sent is the client secret value, not the client secret ID.");
        }

        var seconds = (int)Lifetime.TotalSeconds;
        return new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = seconds,
            ["ext_expires_in"] = seconds,
            ["access_token"] = IssueToken(application, scope[..scope.LastIndexOf('/')]),
        };
    }

    private static bool IsIn(string tenant, AppRegistration application) => application.TenantId.Equals(tenant, StringComparison.OrdinalIgnoreCase);
}
