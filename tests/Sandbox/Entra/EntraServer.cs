namespace ClusterTrust.Sandbox.Entra;

/// <summary>
/// Stands in for Microsoft Entra ID: the token endpoint for client credentials (federated token, client secret, certificate) and
/// instance discovery. A federated token is believed only after its issuer's published
/// documents were read and its signature verified with a key found there.
/// </summary>
/// <param name="documents">Reads issuers' documents; its handler decides where their host names lead.</param>
public sealed class EntraServer(CertificateAuthority authority, HttpClient documents, TimeProvider? clock = null)
    : SandboxServer(authority, Hosts)
{
    /// <summary>The authorities of the public cloud, US Government and China.</summary>
    private static readonly string[] Hosts =
    [
        "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
        "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
    ];

    private static readonly string[] Resources = ["https://vault.azure.net", "https://vault.azure.cn", "https://vault.usgovcloudapi.net"];

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly AccessTokens _tokens = new(clock ?? TimeProvider.System);
    private readonly AssertionValidator _assertions = new(new IssuerKeys(documents), clock ?? TimeProvider.System);

    public EntraDirectory Directory { get; } = new();

    /// <summary>Makes an application trust one subject of one issuer.</summary>
    public void AddFederatedCredential(string clientId, string issuer, string subject) =>
        Directory[clientId].Trust(new FederatedCredential(issuer, subject));

    /// <summary>Issues an access token without a sign-in, for tests that speak to Key Vault directly.</summary>
    public string IssueToken(AppRegistration application, string audience = "https://vault.azure.net", TimeSpan? lifetime = null) =>
        _tokens.Issue(application, audience, lifetime ?? Lifetime);

    /// <returns>The token's content when this server issued it and it has not expired; null otherwise.</returns>
    public AccessToken? Validate(string token) => _tokens.Validate(token);

    protected override async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            var answer = (context.Request.Method, path) switch
            {
                ("POST", [var tenant, "oauth2", "v2.0", "token"]) => await SignInAsync(context, tenant),
                ("GET", ["common", "discovery", "instance"]) => InstanceDiscovery(context.Request),
                _ => null,
            };
            context.Response.StatusCode = answer is null ? 404 : 200;
            await WriteAsync(context, answer ?? []);
        }
        catch (EntraErrorException refusal)
        {
            context.Response.StatusCode = refusal.Error.Status;
            await WriteAsync(context, refusal.Error.ToJson(_clock.GetUtcNow(), CorrelationId(context)));
        }
    }

    protected override Task WriteFaultAsync(HttpContext context, Fault.Status fault)
    {
        if (fault.Body is not null)
        {
            return base.WriteFaultAsync(context, fault);
        }

        var error = fault.Code == 429
            ? new EntraError(429, "temporarily_unavailable", 90055, "The user or application has sent too many requests in a given amount of time.")
            : new EntraError(fault.Code, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.");
        return WriteAsync(context, error.ToJson(_clock.GetUtcNow(), CorrelationId(context)));
    }

    private async Task<JsonObject> SignInAsync(HttpContext context, string tenant)
    {
        if (!Directory.HasTenant(tenant))
        {
            throw EntraErrors.TenantNotFound(tenant);
        }

        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var grant = Required(form, "grant_type");
        if (grant != "client_credentials")
        {
            throw EntraErrors.GrantUnsupported(grant);
        }

        var client = Required(form, "client_id");
        var scope = Required(form, "scope");
        var application = Directory.Find(tenant, client) ?? throw EntraErrors.ApplicationNotFound(client, tenant);
        const string suffix = "/.default";
        var resource = scope.EndsWith(suffix, StringComparison.Ordinal) ? scope[..^suffix.Length] : throw EntraErrors.ScopeInvalid(scope);
        if (!Resources.Contains(resource.TrimEnd('/'), StringComparer.OrdinalIgnoreCase))
        {
            throw EntraErrors.ResourceNotFound(resource, tenant);
        }

        await AuthenticateAsync(application, form, context.RequestAborted);
        return new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)Lifetime.TotalSeconds,
            ["ext_expires_in"] = (int)Lifetime.TotalSeconds,
            ["access_token"] = _tokens.Issue(application, resource, Lifetime),
        };
    }

    /// <summary>What sign-in libraries may ask for before a token.</summary>
    private static JsonObject InstanceDiscovery(HttpRequest request) => new()
    {
        ["tenant_discovery_endpoint"] = request.Query["authorization_endpoint"].ToString()
            .Replace("/oauth2/v2.0/authorize", "/v2.0/.well-known/openid-configuration", StringComparison.Ordinal),
        ["api-version"] = "1.1",
        ["metadata"] = new JsonArray(
            Cloud("login.microsoftonline.com", "login.windows.net", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
            Cloud("login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"),
            Cloud("login.microsoftonline.us", "login.microsoftonline.us", "login.usgovcloudapi.net")),
    };

    private static JsonObject Cloud(string network, string cache, params string[] aliases) => new()
    {
        ["preferred_network"] = network,
        ["preferred_cache"] = cache,
        ["aliases"] = new JsonArray([network, .. aliases.Where(alias => alias != network)]),
    };

    private async Task AuthenticateAsync(AppRegistration application, IFormCollection form, CancellationToken cancellationToken)
    {
        if (form["client_assertion"].ToString() is { Length: > 0 } assertion)
        {
            await _assertions.ValidateAsync(application, assertion, cancellationToken);
        }
        else if (!application.HasSecret(form["client_secret"].ToString() is { Length: > 0 } secret ? secret : throw EntraErrors.CredentialMissing()))
        {
            throw EntraErrors.SecretInvalid(application.ClientId);
        }
    }

    private static string Required(IFormCollection form, string name) =>
        form[name].ToString() is { Length: > 0 } value ? value : throw EntraErrors.ParameterMissing(name);

    private static string? CorrelationId(HttpContext context) =>
        context.Request.Headers["client-request-id"].ToString() is { Length: > 0 } id ? id : null;

    private static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.Pragma = "no-cache";
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
