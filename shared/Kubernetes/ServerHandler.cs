using System.Collections.Concurrent;
using System.Net.Security;

namespace ClusterTrust.Kubernetes;

/// <summary>
/// Sends requests to an API server over HTTP/2 and verified TLS. A connection keeps the client certificate of its handshake, so each
/// certificate has connections of its own.
/// </summary>
internal sealed class ServerHandler(IWebProxy proxy, ServerTrust trust) : IDisposable
{
    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _invokers = [];

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, X509Certificate2? certificate, CancellationToken cancellationToken) => _invokers
        .GetOrAdd(certificate?.GetCertHashString(HashAlgorithmName.SHA256) ?? "", _ => new HttpMessageInvoker(Create(certificate)))
        .SendAsync(request, cancellationToken);

    public void Dispose()
    {
        foreach (var (_, invoker) in _invokers)
        {
            invoker.Dispose();
        }
    }

    /// <summary>The proxy of the kubeconfig, or of the environment.</summary>
    public static IWebProxy ProxyOf(ClusterConfiguration cluster, KubernetesEnvironment environment) => cluster.Proxy is { } proxy
        ? new WebProxy(proxy) { Credentials = CredentialsOf(proxy) }
        : EnvironmentProxy.Of(HttpClient.DefaultProxy, environment.Variable);

    private SocketsHttpHandler Create(X509Certificate2? certificate) => new()
    {
        // A redirect would send the token to another address; API servers send none.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        Proxy = proxy,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = trust.ChainPolicy(),
            RemoteCertificateValidationCallback = trust.Validate,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
        },
    };

    private static NetworkCredential? CredentialsOf(Uri proxy) => proxy.UserInfo.Split(':', 2) switch
    {
        [var user, var password] => new(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password)),
        [{ Length: > 0 } user] => new(Uri.UnescapeDataString(user), ""),
        _ => null,
    };
}
