using System.ComponentModel;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ClusterTrust.CertSync.Endpoints;

/// <summary>
/// Makes TLS handshakes directly, never through a proxy. A name is resolved once, all its addresses are checked, and the connection is made
/// to one of these addresses. Any certificate is accepted in the handshake: nothing is sent after it, and what was served is checked by
/// <see cref="ServingRules"/>. OpenSSL limits the certificates of a peer to 100 KB.
/// </summary>
/// <param name="timeout">The timeout of one check: resolving, connecting and the handshake.</param>
/// <param name="resolve">Resolves a host name; the system's resolver if null.</param>
public sealed class TlsEndpointClient(TimeSpan timeout, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null) : IEndpointClient
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Addresses that are tried. Each gets an equal part of the timeout to connect: the first may be one that cannot be reached from here, as IPv6 often is.</summary>
    private const int MaximumAddresses = 4;

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    public async Task<Handshake> ConnectAsync(Endpoint endpoint, bool publicOnly, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            var addresses = await _resolve(endpoint.Host, deadline.Token).WaitAsync(deadline.Token);
            if (publicOnly && addresses.FirstOrDefault(static address => !HostRules.IsPublic(address)) is { } privateAddress)
            {
                return new Handshake(null,
                    $"{endpoint} was not connected to: the host has the address {privateAddress}, which is not a public one, and an annotation may name only public endpoints; specify it with --endpoint if it is yours.",
                    IsRefused: true);
            }

            using var socket = await ConnectAsync(endpoint, addresses, deadline.Token);
            return await HandshakeAsync(endpoint, socket, deadline.Token);
        }
        catch (Exception fault) when (ClauseOf(fault, cancellationToken) is { } clause)
        {
            return new Handshake(null, $"{endpoint} {clause}.");
        }
    }

    /// <summary>What failed and what to check; null for the caller's own cancellation, and for a bug.</summary>
    private string? ClauseOf(Exception fault, CancellationToken cancellationToken) => fault switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        OperationCanceledException =>
            $"did not answer within {timeout.TotalSeconds:0.#} seconds: check that it is up, and that this job may connect to it (NetworkPolicy, firewall)",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } =>
            "cannot be reached, because its host name does not resolve: check the name and its DNS record",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            "refuses the connection: check that it is up, and the port",
        SocketException { SocketErrorCode: var code } =>
            $"cannot be reached ({code}): check that it is up, and that this job may connect to it (NetworkPolicy, firewall)",
        AuthenticationException or IOException or Win32Exception or CryptographicException =>
            "does not complete a TLS handshake: check that the port speaks TLS 1.2 or 1.3 from the first byte (no STARTTLS) and does not require a client certificate",
        _ => null,
    };

    /// <exception cref="SocketException">No address accepts the connection; the exception for the last one.</exception>
    private async Task<Socket> ConnectAsync(Endpoint endpoint, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        var tried = addresses.Take(MaximumAddresses).Select(static address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToArray();
        for (var index = 0; index < tried.Length; index++)
        {
            var isLast = index == tried.Length - 1;
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(isLast ? Timeout.InfiniteTimeSpan : timeout / tried.Length);
            var socket = new Socket(tried[index].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(tried[index], endpoint.Port), attempt.Token);
                return socket;
            }
            catch (Exception fault) when (!isLast && !cancellationToken.IsCancellationRequested && fault is SocketException or OperationCanceledException)
            {
                // The next address may accept the connection.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new SocketException((int)SocketError.HostNotFound);
    }

    private static async Task<Handshake> HandshakeAsync(Endpoint endpoint, Socket socket, CancellationToken cancellationToken)
    {
        ServedCertificate? served = null;
        await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = endpoint.Host,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowRenegotiation = false,
                AllowTlsResume = false,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

                // A certificate names addresses of its issuer, of its revocation list and of its responder; nothing is fetched from any of them.
                CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    served = Read(certificate as X509Certificate2, chain);
                    return served is not null;
                },
            },
            cancellationToken);
        return new Handshake(served!, "");
    }

    private static ServedCertificate? Read(X509Certificate2? leaf, X509Chain? chain)
    {
        if (leaf is null || chain is null)
        {
            return null;
        }

        // The certificates as they were sent; the leaf is among them, or not, depending on the platform.
        var others = chain.ChainPolicy.ExtraStore.Where(other => !other.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span));
        var isBroken = chain.ChainStatus.Any(static status => (status.Status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid | X509ChainStatusFlags.Cyclic)) != 0);
        return ServedCertificate.Read([leaf, .. others], reachesRoot: !isBroken);
    }
}
