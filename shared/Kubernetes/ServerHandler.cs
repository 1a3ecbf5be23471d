using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Kubernetes;

/// <summary>
/// Sends requests to an API server over HTTP/2 and verified TLS. A connection keeps the client certificate of its handshake, so each
/// certificate has connections of its own.
/// </summary>
internal sealed class ServerHandler(IWebProxy proxy, ServerTrust trust) : IDisposable
{
    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _invokers = [];

    /// <param name="request">The request.</param>
    /// <param name="certificate">The client certificate; null for none.</param>
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
        : new EnvironmentProxy(HttpClient.DefaultProxy, environment.NonEmpty("NO_PROXY") ?? environment.NonEmpty("no_proxy"));

    private SocketsHttpHandler Create(X509Certificate2? certificate) => new()
    {
        // A redirect would send the token to wherever it points; API servers send none.
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
        [""] => null,
        [var user] => new(Uri.UnescapeDataString(user), ""),
        [var user, var password] => new(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password)),
        _ => null,
    };
}

/// <summary>
/// The proxy of the environment (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>) as the cluster's other clients read it. Go never sends requests to
/// loopback addresses through a proxy, and knows forms of <c>NO_PROXY</c> that .NET does not: networks (<c>10.0.0.0/8</c>), which
/// clusters use for their Service range, <c>*</c>, names that include their subdomains, and ports. What .NET bypasses, it bypasses too.
/// </summary>
internal sealed class EnvironmentProxy(IWebProxy inner, string? noProxy) : IWebProxy
{
    private readonly string[] _entries = (noProxy ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public ICredentials? Credentials
    {
        get => inner.Credentials;
        set => inner.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : inner.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || _entries.Any(entry => Covers(entry, host)) || inner.IsBypassed(host);

    private static bool Covers(string entry, Uri host)
    {
        var address = Address(host.IdnHost);
        if (entry == "*" || (IPNetwork.TryParse(entry, out var network) && address is not null && network.Contains(address)))
        {
            return true;
        }

        // An IPv6 address has more colons than one; with a port, it is in brackets.
        var colon = entry.LastIndexOf(':');
        var hasPort = colon > 0 && (entry[colon - 1] == ']' || entry.IndexOf(':', StringComparison.Ordinal) == colon);
        var (name, port) = hasPort ? (entry[..colon], entry[(colon + 1)..]) : (entry, "");
        if (port.Length > 0 && port != host.Port.ToString(CultureInfo.InvariantCulture))
        {
            return false;
        }

        if (Address(name) is { } own)
        {
            return own.Equals(address);
        }

        var domain = name.StartsWith("*.", StringComparison.Ordinal) ? name[1..] : name;
        return host.IdnHost.EndsWith(domain.StartsWith('.') ? domain : $".{domain}", StringComparison.OrdinalIgnoreCase)
            || host.IdnHost.Equals(domain, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>An IP address, without the form of IPv6 for an IPv4 address; null if it is a name.</summary>
    private static IPAddress? Address(string text) => !IPAddress.TryParse(text, out var address) ? null
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address;
}
