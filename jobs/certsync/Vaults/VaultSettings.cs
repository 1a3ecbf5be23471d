using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>The client's settings for all vaults.</summary>
public sealed record VaultSettings
{
    // As the SDK's own: a changed address is detected within minutes, and RequestTimeout alone bounds a try.
    internal static readonly SocketsHttpHandler Handler = new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = { RemoteCertificateValidationCallback = ServerCertificateException.Validate },
    };

    internal static readonly HttpClient Client = new(Handler) { Timeout = Timeout.InfiniteTimeSpan };

    private static readonly HttpClientTransport Connections = new(Client);

    /// <summary>
    /// Accepts a challenge whose resource is not the vault's domain. Default false; for emulators only, because any host could then request
    /// a token for a vault.
    /// </summary>
    public bool DisableChallengeVerification { get; init; }

    /// <summary>Retries of a request after 429, 5xx or a failed connection. Default 5.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The first wait between tries, doubled each time (Key Vault throttling guidance: 1, 2, 4, 8, 16 s); <c>Retry-After</c> overrides it.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The timeout of one try. Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait for a deletion or recovery, which the vault finishes asynchronously, and for a <c>Retry-After</c>. Default 90 s.</summary>
    public TimeSpan MaximumWait { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The interval between checks whether they are done. Default 2 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Imports into a vault per 10 s (Key Vault service limits). Default 300.</summary>
    public int ImportLimit { get; init; } = 300;

    /// <summary>
    /// The settings of one of several processes that import into the same vaults concurrently. Each has only their number, and
    /// uses its share of the limit.
    /// </summary>
    public VaultSettings SharedBy(int processes) => this with { ImportLimit = Math.Max(1, ImportLimit / processes) };

    /// <summary>The transport of all requests to vaults and to the authority. Default the connections of this process; the SDK's own would read <c>NO_PROXY</c> in another way.</summary>
    public HttpPipelineTransport Transport { get; init; } = Connections;
}
