namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// An emulator of kube-apiserver 1.36 over TLS: Secrets, leases, events and what else the jobs and kubectl read and write, with
/// tokens that are really signed, RBAC that is really evaluated, and the messages of the real server. There are no watches.
/// </summary>
public sealed class KubeApiServer : SandboxServer, ICluster
{
    private readonly string _authorityPem;
    private readonly ApiServerOptions _options;
    private readonly ResourceRoutes _resources;
    private readonly RequestRoutes _requests;
    private int _shownPort;

    public KubeApiServer(CertificateAuthority authority, ApiServerOptions? options = null)
        : base(authority, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
    {
        this._options = options ?? new ApiServerOptions();
        _authorityPem = authority.CertificatePem;
        StartedAt = this._options.Clock.GetUtcNow();
        State = new ClusterState(this._options.Clock, this._options.Controllers);
        Keys = new ServiceAccountKeys(this._options.SigningAlgorithm);
        Issuer = new IssuerEndpoint(Keys, this._options);
        Tokens = new TokenIssuer(Issuer, Keys, this._options.Clock);
        Rbac = new Rbac(State);
        _resources = new ResourceRoutes(State);
        _requests = new RequestRoutes(State, Rbac, Tokens, this._options.Clock);
        AddIdentity("sandbox");
    }

    /// <summary>When the process of kube-apiserver started; a test that changes the keys sets it, because the real server reads them only then.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>Lines of <c>/metrics</c> before that of the start.</summary>
    public string MoreMetrics { get; set; } = "";

    public ClusterState State { get; }

    public ServiceAccountKeys Keys { get; }

    public IssuerEndpoint Issuer { get; }

    public TokenIssuer Tokens { get; }

    public Rbac Rbac { get; }

    /// <summary>Bearer token of a member of <c>system:masters</c>, who may do everything.</summary>
    public string AdminToken { get; set; } = RandomNumberGenerator.GetHexString(40, lowercase: true);

    string ICluster.Issuer => Issuer.Issuer;

    IReadOnlyList<JsonObject> ICluster.SigningKeys => [.. Keys.Published.Select(static key => key.ToJwk())];

    string ICluster.DirectHost => LoopbackAddress.Host;

    /// <summary>Signs a token for a ServiceAccount, which is made when it does not exist.</summary>
    /// <param name="lifetime">An hour when null; negative makes an expired token.</param>
    public string IssueToken(string space, string serviceAccount, IReadOnlyCollection<string>? audiences = null, TimeSpan? lifetime = null) =>
        Tokens.Issue(State.AddServiceAccount(space, serviceAccount), audiences ?? Tokens.Audiences, lifetime ?? TimeSpan.FromHours(1));

    /// <summary>Writes a kubeconfig with the context <c>sandbox</c>; the CA is in it.</summary>
    public void WriteKubeconfig(string path, string? token = null, string space = "default") => File.WriteAllText(
        path,
        $"""
        apiVersion: v1
        kind: Config
        current-context: sandbox
        clusters:
        - name: sandbox
          cluster:
            server: {LoopbackAddress.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(_authorityPem))}
        contexts:
        - name: sandbox
          context:
            cluster: sandbox
            user: sandbox
            namespace: {space}
        users:
        - name: sandbox
          user:
            token: {token ?? AdminToken}

        """);

    void ICluster.AddNamespace(string name) => State.AddNamespace(name);

    IReadOnlyList<JsonObject> ICluster.List(ResourceType type, string space) =>
        [.. State.List(type).Where(stored => stored.Namespace == space).Select(static stored => stored.Body)];

    void ICluster.Put(ResourceType type, JsonObject body) => State.Put(type, body);

    void ICluster.Delete(ResourceType type, string space, string name) => State.Delete(type, space, name);

    /// <summary>The Lease by which an API server of this cluster can be counted; the real server renews it every 10 seconds.</summary>
    public void AddIdentity(string host) => State.Put(ResourceType.Leases, (JsonObject)JsonNode.Parse($$"""
        {"metadata":{"name":"apiserver-{{host}}","namespace":"kube-system","labels":{"apiserver.kubernetes.io/identity":"kube-apiserver","kubernetes.io/hostname":"{{host}}"} },
         "spec":{"holderIdentity":"apiserver-{{host}}_0","leaseDurationSeconds":3600} }
        """)!);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Keys.Dispose();
    }

    /// <summary>Go's HTTP server announces no length of what its first buffer does not hold.</summary>
    protected override int LongestAnnounced => 2048;

    protected override void AddHeaders(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache, private";
        context.Response.Headers["Audit-Id"] = Guid.NewGuid().ToString();
    }

    // API Priority and Fairness responds before a handler that can write a Status.
    protected override Task WriteFaultAsync(HttpContext context, int code) => code == StatusCodes.Status429TooManyRequests
        ? TextAsync(context, "Too many requests, please try again later.\n", code)
        : RefuseAsync(context, ApiStatus.OfFault(code));

    private protected override Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        context.Response.Headers.XContentTypeOptions = refusal.Status == StatusCodes.Status403Forbidden ? "nosniff" : default;
        return context.BytesAsync(JsonText.Bytes(refusal.ToJson()), status: refusal.Status);
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        // In the real server's order: authentication, authorization, existence.
        var user = Authenticate(context.Request.Headers.Authorization.ToString()) ?? throw ApiStatus.Unauthorized();
        var request = AccessRequest.Of(context.Request);
        if (Rbac.Allows(user, request) is null)
        {
            throw ApiStatus.Forbidden(user.Name, request);
        }

        if (!request.IsResource)
        {
            await AnswerPathAsync(context, request.Path.TrimEnd('/'));
        }
        else if (_requests.Find(request, user) is { } answer)
        {
            await context.BytesAsync(JsonText.Bytes(answer(await context.ReadBodyAsync())), status: StatusCodes.Status201Created);
        }
        else if (request.Subresource.Length == 0 && ResourceType.Find(request.Group, request.Resource) is { } type && request.Version == ResourceType.Version)
        {
            ShowEndpoint();
            await _resources.HandleAsync(context, request, type);
        }
        else
        {
            throw ApiStatus.NotServed();
        }
    }

    /// <summary>Who an Authorization header speaks for: anonymous without one, null when its token is refused.</summary>
    public UserInfo? Authenticate(string authorization)
    {
        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return UserInfo.Anonymous;
        }

        var token = authorization["Bearer ".Length..].Trim();
        if (token == AdminToken)
        {
            return UserInfo.Admin;
        }

        // A token is invalid once its ServiceAccount was deleted, even if one of the same name was created later.
        return Tokens.Verify(token, Tokens.Audiences) is { } account && State.Find(account.Type, account.Namespace, account.Name)?.Uid == account.Uid
            ? UserInfo.ServiceAccount(account.Namespace, account.Name)
            : null;
    }

    private Task AnswerPathAsync(HttpContext context, string path) => path switch
    {
        IssuerEndpoint.DiscoveryPath => IssuerEndpoint.ServeAsync(context, Issuer.Discovery, "application/json"),
        IssuerEndpoint.JwksPath => IssuerEndpoint.ServeAsync(context, Issuer.Jwks, "application/jwk-set+json"),
        "/readyz" or "/livez" or "/healthz" => TextAsync(context, "ok"),
        "/metrics" => TextAsync(context, string.Create(
            CultureInfo.InvariantCulture,
            $"{MoreMetrics}# HELP process_start_time_seconds [ALPHA] Start time of the process since unix epoch in seconds.\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {StartedAt.ToUnixTimeMilliseconds() / 1000d:0.###########e+00}\n")),
        _ => DiscoveryRoutes.Find(context.Request) is { } document
            ? context.BytesAsync(JsonText.Bytes(document))
            : TextAsync(context, "404 page not found\n", StatusCodes.Status404NotFound),
    };

    private static Task TextAsync(HttpContext context, string text, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.TextAsync(text, status);
    }

    /// <summary>The EndpointSlice <c>kubernetes</c>, which the real server keeps itself; the port is known only once it listens.</summary>
    private void ShowEndpoint()
    {
        if (Interlocked.Exchange(ref _shownPort, Port) != Port)
        {
            State.Put(ResourceType.EndpointSlices, (JsonObject)JsonNode.Parse($$"""
                {"metadata":{"name":"kubernetes","namespace":"default","labels":{"kubernetes.io/service-name":"kubernetes"} },"addressType":"IPv4",
                 "endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true} }],"ports":[{"name":"https","port":{{Port}},"protocol":"TCP"}]}
                """)!);
        }
    }
}

public sealed record ApiServerOptions
{
    /// <summary><c>--service-account-issuer</c>.</summary>
    public string Issuer { get; init; } = "https://example.github.io/cluster-a";

    public SigningAlgorithm SigningAlgorithm { get; init; } = SigningAlgorithm.RS256;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether controllers act on namespaces. Without them there are no default ServiceAccounts, and a deleted namespace stays terminating.</summary>
    public bool Controllers { get; init; } = true;
}
