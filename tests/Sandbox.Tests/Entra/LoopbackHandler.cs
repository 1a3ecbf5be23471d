using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>Makes handlers that lead host names to ports on 127.0.0.1 and trust the sandbox's CA alone.</summary>
internal static class LoopbackHandler
{
    /// <param name="authority">The CA to trust.</param>
    /// <param name="portOf">The port of a host name; null makes the connection fail.</param>
    public static SocketsHttpHandler Create(CertificateAuthority authority, Func<string, int?> portOf) => new()
    {
        UseProxy = false,
        ConnectCallback = async (context, cancellation) =>
        {
            var port = portOf(context.DnsEndPoint.Host) ?? throw new SocketException((int)SocketError.HostNotFound);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509Certificate2.CreateFromPem(authority.CertificatePem) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
