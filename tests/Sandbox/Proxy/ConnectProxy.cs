namespace ClusterTrust.Sandbox.Proxy;

/// <summary>
/// An HTTP proxy on loopback that supports CONNECT (RFC 9110 §9.3.6) and routes real host names to the sandbox's servers.
/// A host without a route, or whose server is down, is answered with 502 as a real proxy does.
/// </summary>
public sealed class ConnectProxy : IAsyncDisposable
{
    private const int MaxHeadBytes = 16 * 1024;
    private readonly HostRoutes _routes;
    private readonly LoopbackListener _listener;
    private readonly ConcurrentQueue<ProxyRequest> _requests = new();

    public ConnectProxy(HostRoutes routes)
    {
        this._routes = routes;
        _listener = new LoopbackListener(ServeAsync);
    }

    public int Port => _listener.Port;

    /// <summary>What <c>HTTPS_PROXY</c> must be, with the credentials if the proxy requires any.</summary>
    public string Address => Credentials is { } known
        ? $"http://{Uri.EscapeDataString(known.UserName)}:{Uri.EscapeDataString(known.Password)}@127.0.0.1:{Port}"
        : $"http://127.0.0.1:{Port}";

    /// <summary>Basic credentials that a client must present (407 otherwise); none when null. No job may show the password.</summary>
    public NetworkCredential? Credentials
    {
        get;
        set
        {
            if (value is not null)
            {
                KnownSecrets.Add(value.Password);
                KnownSecrets.Add(Uri.EscapeDataString(value.Password));
                KnownSecrets.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{value.UserName}:{value.Password}")));
            }

            field = value;
        }
    }

    public FaultPlan<ConnectionFault, string> Faults { get; } = new();

    /// <summary>Every request so far, in the order of the answers.</summary>
    public IReadOnlyCollection<ProxyRequest> Requests => _requests;

    /// <summary>The distinct requested hosts, sorted.</summary>
    public IReadOnlyList<string> HostsAsked => [.. _requests.Select(static request => request.Host).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];

    public void ForgetRequests() => _requests.Clear();

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(client, ownsSocket: false);
        while (await ReadHeadAsync(stream, cancellationToken) is { Length: > 0 } lines)
        {
            var parts = lines[0].Split(' ');
            var target = parts.Length == 3 ? parts[1] : "";
            var colon = target.LastIndexOf(':');
            if (parts[0] != "CONNECT" || colon < 1 || !int.TryParse(target[(colon + 1)..], CultureInfo.InvariantCulture, out var port))
            {
                await AnswerAsync(stream, new ProxyRequest(parts[0], target, 0, 501), "", cancellationToken);
                return;
            }

            var request = new ProxyRequest("CONNECT", target[..colon], port, 200);
            if (!IsAuthorized(lines))
            {
                await AnswerAsync(stream, request with { Status = 407 }, "Proxy-Authenticate: Basic realm=\"sandbox\"\r\n", cancellationToken);
                continue;
            }

            await TunnelAsync(client, stream, request, cancellationToken);
            return;
        }
    }

    private async Task TunnelAsync(Socket client, NetworkStream stream, ProxyRequest request, CancellationToken cancellationToken)
    {
        var fault = Faults.Take(request.Host);
        if (fault is ConnectionFault.Reset)
        {
            _requests.Enqueue(request with { Status = 0 });
            LoopbackListener.Reset(client);
            return;
        }

        TcpClient server;
        try
        {
            server = await HostRoutes.ConnectAsync(_routes.Find(request.Host), cancellationToken);
        }
        catch (SocketException)
        {
            await AnswerAsync(stream, request with { Status = 502 }, "", cancellationToken);
            return;
        }

        using (server)
        {
            await AnswerAsync(stream, request, "", cancellationToken);
            await Relay.RunAsync(client, server.GetStream(), server.GetStream(), () => server.Client.Shutdown(SocketShutdown.Send), fault, cancellationToken);
        }
    }

    private bool IsAuthorized(string[] lines) => Credentials is not { } known
        || lines.Contains($"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{known.UserName}:{known.Password}"))}");

    private async Task AnswerAsync(NetworkStream stream, ProxyRequest request, string header, CancellationToken cancellationToken)
    {
        _requests.Enqueue(request);
        var length = request.Status == 200 ? "" : "Content-Length: 0\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {request.Status} {ReasonPhrases.GetReasonPhrase(request.Status)}\r\n{header}{length}\r\n"), cancellationToken);
    }

    /// <summary>Reads a request's head byte by byte, so that nothing of the tunnel is read with it. Null at the end of the connection.</summary>
    private static async Task<string[]?> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < MaxHeadBytes && await stream.ReadAsync(one, cancellationToken) == 1)
        {
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n")
            {
                return head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            }
        }

        return null;
    }
}

/// <summary>One request that the proxy saw.</summary>
/// <param name="Status">What the proxy answered: 200, 407, 501 or 502; 0 when a fault reset the connection before an answer.</param>
public sealed record ProxyRequest(string Method, string Host, int Port, int Status);
