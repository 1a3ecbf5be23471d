using System.Net.Sockets;
using System.Security.Authentication;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Why a connection failed, extracted from the exceptions that the SDK wraps it in.</summary>
/// <param name="IsConfiguration">Only a change of the configuration fixes it.</param>
internal sealed record ConnectionFault(string Clause, bool IsUnknownHost = false, bool IsConfiguration = false)
{
    /// <summary>The fault in an exception or its causes; null if no connection failed.</summary>
    public static ConnectionFault? Of(Exception? exception, Uri destination) => exception switch
    {
        null => null,
        AggregateException many => many.InnerExceptions.Select(inner => Of(inner, destination)).LastOrDefault(static fault => fault is not null),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => new("its host name does not exist", IsUnknownHost: true),
        SocketException { SocketErrorCode: SocketError.TryAgain } => new("the cluster's DNS did not answer: check its pods"),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new("the connection was refused: check that it is running, and the network policies"),
        SocketException => new("the network is unreachable: check network policies, proxy and private endpoints"),
        ServerCertificateException certificate => new($"it {certificate.Explain(
            "add its CA to SSL_CERT_FILE if a proxy intercepts TLS, or else check what answers there", "check the address, and what answers there", namesFirst: true)}"),
        AuthenticationException => new("it does not complete a TLS handshake: check that it supports TLS 1.2 or newer, and any proxy in between"),
        HttpRequestException http when ProxyFault.Unusable(http, destination) is { } unusable => new($"the proxy {unusable}", IsConfiguration: true),
        HttpRequestException http when ProxyFault.Unreachable(http, destination) is { } unreachable => new($"the proxy {unreachable}"),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => new("the proxy of HTTPS_PROXY did not open a tunnel: check that it is running and allows this host"),
        HttpRequestException or IOException => Of(exception.InnerException, destination) ?? new("the connection was interrupted: run again later"),
        OperationCanceledException => new("the request timed out: run again later"),
        _ => Of(exception.InnerException, destination),
    };
}
