using System.Net.Sockets;
using System.Security.Authentication;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Why a connection failed, extracted from the exceptions that the SDK wraps it in.</summary>
/// <param name="Clause">What failed and what to check.</param>
/// <param name="IsUnknownHost">DNS has no such host.</param>
/// <param name="IsConfiguration">Only a change of the configuration cures it.</param>
internal sealed record ConnectionFault(string Clause, bool IsUnknownHost = false, bool IsConfiguration = false)
{
    /// <summary>The fault in an exception or its causes; null if no connection failed.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="destination">The address of the request.</param>
    public static ConnectionFault? Of(Exception? exception, Uri destination) => exception switch
    {
        null => null,
        AggregateException many => many.InnerExceptions.Select(inner => Of(inner, destination)).LastOrDefault(static fault => fault is not null),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => new("its host name does not exist", IsUnknownHost: true),
        SocketException { SocketErrorCode: SocketError.TryAgain } => new("the cluster's DNS does not answer: look at its pods"),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new("the connection was refused: see whether it is up, and the network policies"),
        SocketException => new("the network did not get there: see network policies, proxy and private endpoints"),
        AuthenticationException => new("its TLS certificate is not trusted, or not valid now: give the CA of whatever intercepts the connection in SSL_CERT_FILE, and see that this machine's clock is right"),
        HttpRequestException http when ProxyFault.CredentialsWanted(http) is { } wanted => new($"the proxy {wanted}", IsConfiguration: true),
        HttpRequestException http when ProxyFault.Unreachable(http, destination) is { } missing => new($"the proxy {missing}"),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => new("the proxy of HTTPS_PROXY did not open the way: see that it is up and lets this host through"),
        HttpRequestException or IOException => Of(exception.InnerException, destination) ?? new("the connection broke: run again later"),
        OperationCanceledException => new("there was no answer in time: run again later"),
        _ => Of(exception.InnerException, destination),
    };
}
