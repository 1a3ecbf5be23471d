using System.Net;
using System.Net.Security;
using ClusterTrust.Kubernetes.Authentication;
using ClusterTrust.Kubernetes.Configuration;

namespace ClusterTrust.Kubernetes.Transport;

/// <summary>Makes the handlers between a request and an API server: authentication over one HTTP/2 connection with verified TLS.</summary>
internal static class ServerHandler
{
    public static HttpMessageHandler Create(ClusterConfiguration cluster, KubernetesEnvironment environment, ServerTrust trust)
    {
        var sockets = new SocketsHttpHandler
        {
            // A redirect would carry the token to wherever it points; API servers send none.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            Proxy = cluster.Proxy is { } proxy
                ? new WebProxy(proxy)
                : new EnvironmentProxy(HttpClient.DefaultProxy, environment.NonEmpty("NO_PROXY") ?? environment.NonEmpty("no_proxy")),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = trust.ChainPolicy(),
                RemoteCertificateValidationCallback = trust.Validate,
            },
        };
        if (cluster.ClientCertificate is { } certificate)
        {
            sockets.SslOptions.ClientCertificates = [certificate];
        }

        return new AuthenticationHandler(cluster.Tokens, cluster.TlsServerName, sockets);
    }
}
