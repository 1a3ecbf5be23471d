using System.Security.Authentication;

namespace ClusterTrust.Sandbox.Servers;

/// <summary>A TLS server on loopback that serves a certificate for each name, and waits for its clients to leave.</summary>
public sealed class TlsServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Dictionary<string, SslStreamCertificateContext> _byName = new(StringComparer.Ordinal);
    private readonly SslProtocols _protocols;
    private readonly string? _banner;
    private int _connections;

    /// <param name="banner">What is sent at once instead of a handshake; empty for nothing at all.</param>
    public TlsServer(IPAddress? address = null, SslProtocols protocols = SslProtocols.Tls12 | SslProtocols.Tls13, string? banner = null)
    {
        (this._protocols, this._banner) = (protocols, banner);
        _listener = new LoopbackListener(ServeAsync, address);
        Address = new IPEndPoint(address ?? IPAddress.Loopback, _listener.Port);
    }

    public IPEndPoint Address { get; }

    public int Port => _listener.Port;

    public int Connections => _connections;

    /// <summary>The bytes that clients sent after the handshake.</summary>
    public int Received { get; private set; }

    /// <summary>Serves a certificate for a name; an empty name is for clients that send none or another.</summary>
    public TlsServer Serve(string name, X509Certificate2 leaf, params X509Certificate2[] others)
    {
        _byName[name] = SslStreamCertificateContext.Create(leaf, [.. others], offline: true);
        return this;
    }

    /// <summary>Serves a Secret's certificate for a name.</summary>
    public TlsServer Serve(string name, string chainPem, string keyPem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(chainPem);
        return Serve(name, X509Certificate2.CreateFromPem(chainPem, keyPem), [.. chain.Skip(1)]);
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _connections);
        await using var stream = new NetworkStream(client);
        if (_banner is not null)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(_banner), cancellationToken);
            await stream.CopyToAsync(Stream.Null, cancellationToken);
            return;
        }

        try
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(
                (_, hello, _, _) => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = _byName.GetValueOrDefault(hello.ServerName) ?? _byName[""],
                    EnabledSslProtocols = _protocols,
                }),
                null,
                cancellationToken);
            var buffer = new byte[16];
            for (int count; (count = await tls.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                Received += count;
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or AuthenticationException)
        {
            // The client left, or did not like the certificate.
        }
    }
}
