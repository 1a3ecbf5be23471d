using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ClusterTrust.Sandbox.Servers;

/// <summary>A TLS server on loopback that serves a certificate for each name, and waits for its clients to leave.</summary>
public sealed class TlsServer : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly Dictionary<string, SslStreamCertificateContext> byName = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stop = new();
    private readonly SslProtocols protocols;
    private readonly string? banner;
    private readonly Task accepting;
    private int connections;

    /// <param name="address">The loopback address; that of IPv4 if null.</param>
    /// <param name="protocols">The versions of TLS.</param>
    /// <param name="banner">What is sent at once instead of a handshake; empty for nothing at all.</param>
    public TlsServer(IPAddress? address = null, SslProtocols protocols = SslProtocols.Tls12 | SslProtocols.Tls13, string? banner = null)
    {
        (this.protocols, this.banner) = (protocols, banner);
        listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        listener.Start();
        accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    public int Port => Address.Port;

    /// <summary>Connections that were accepted.</summary>
    public int Connections => connections;

    /// <summary>The bytes that clients sent after the handshake.</summary>
    public int Received { get; private set; }

    /// <summary>Serves a certificate for a name; an empty name is for clients that send none or another.</summary>
    /// <param name="name">The name.</param>
    /// <param name="leaf">The certificate with its private key.</param>
    /// <param name="others">What is sent after it.</param>
    public TlsServer Serve(string name, X509Certificate2 leaf, params X509Certificate2[] others)
    {
        byName[name] = SslStreamCertificateContext.Create(leaf, [.. others], offline: true);
        return this;
    }

    /// <summary>Serves a Secret's certificate for a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="chainPem">The certificate and its chain, leaf first.</param>
    /// <param name="keyPem">The private key.</param>
    public TlsServer Serve(string name, string chainPem, string keyPem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(chainPem);
        return Serve(name, X509Certificate2.CreateFromPem(chainPem, keyPem), [.. chain.Skip(1)]);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting;
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                Interlocked.Increment(ref connections);
                clients.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        await Task.WhenAll(clients);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (banner is not null)
                {
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(banner), stop.Token);
                    await client.GetStream().CopyToAsync(Stream.Null, stop.Token);
                    return;
                }

                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    (_, hello, _, _) => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = byName.GetValueOrDefault(hello.ServerName) ?? byName[""],
                        EnabledSslProtocols = protocols,
                    }),
                    null,
                    stop.Token);
                var buffer = new byte[16];
                for (int count; (count = await tls.ReadAsync(buffer, stop.Token)) > 0;)
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
}
