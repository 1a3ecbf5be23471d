namespace ClusterTrust.Sandbox.Proxy;

/// <summary>The loopback port for each real host name.</summary>
public sealed class HostRoutes
{
    private readonly ConcurrentDictionary<string, SandboxServer> _servers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Leads a host name to a server, which need not be started yet.</summary>
    public void Add(string host, SandboxServer server) => _servers[host] = server;

    public int? Find(string host) => _servers.TryGetValue(host, out var server) ? server.Port : null;

    /// <summary>A handler for HTTP clients in this process: connects to the routes without a proxy and trusts one CA only. No redirects are followed.</summary>
    /// <remarks>A host without a route fails as an unknown host does (<see cref="SocketError.HostNotFound"/>).</remarks>
    public SocketsHttpHandler CreateHandler(CertificateAuthority authority)
    {
        var root = X509Certificate2.CreateFromPem(authority.CertificatePem);
        return new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
    }

    /// <summary>Connects to a server; without a port as to an unknown host.</summary>
    internal static async Task<TcpClient> ConnectAsync(int? port, CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port ?? throw new SocketException((int)SocketError.HostNotFound), cancellationToken);
        return client;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.DnsEndPoint;
        var isLoopback = IPAddress.TryParse(target.Host, out var address) && IPAddress.IsLoopback(address);
        return (await ConnectAsync(isLoopback ? target.Port : Find(target.Host), cancellationToken)).GetStream();
    }
}
