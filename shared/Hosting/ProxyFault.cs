using System.Security.Authentication;

namespace ClusterTrust.Hosting;

/// <summary>Distinguishes the faults of a proxy from those of the servers behind it.</summary>
public static class ProxyFault
{
    // Those of HTTPS requests; without a proxy for them, they would be sent directly.
    private static readonly string[] Names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

    private static readonly string[] Schemes = ["http://", "https://", "socks4://", "socks4a://", "socks5://"];

    /// <summary>Finds the variables that .NET ignores because their address is invalid, if no other names the proxy: requests would be sent without it. A host that is not ASCII may make .NET throw.</summary>
    /// <returns>A sentence each, without the value, which may contain a password.</returns>
    public static IEnumerable<string> InvalidVariables(IReadOnlyDictionary<string, string> variables)
    {
        var set = Names.Where(name => variables.GetValueOrDefault(name) is { Length: > 0 }).ToArray();
        return set.Any(name => IsAddress(variables[name]))
            ? []
            : set.Select(static name => $"{name} does not contain the address of a proxy: write it as http://HOST:PORT, or remove it");
    }

    /// <summary>What is wrong and what to do, to follow "the proxy", if the proxy requires credentials, or its own certificate is not accepted; otherwise null.</summary>
    /// <param name="proxy">The proxy of the client; null for the environment's.</param>
    public static string? Unusable(HttpRequestException fault, Uri destination, IWebProxy? proxy = null) => fault switch
    {
        { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode.ProxyAuthenticationRequired } =>
            $"requires a user name and password (407): set them in {SourceOf(proxy)}, or correct them; they precede the host, followed by '@'",
        { InnerException: ServerCertificateException certificate } when certificate.Host != destination.IdnHost
            && (proxy ?? HttpClient.DefaultProxy).GetProxy(destination) is { } address && address.IdnHost == certificate.Host =>
            certificate.Explain(
                $"add its CA to {(proxy is null ? "" : "the certificate-authority of the cluster, which is used for both, or if there is none to ")}SSL_CERT_FILE",
                $"correct its address in {SourceOf(proxy)}, or check what answers there",
                namesFirst: true),
        _ => null,
    };

    /// <summary>What is wrong, to follow "the proxy", if the proxy cannot be reached, or no TLS handshake succeeds through it; otherwise null.</summary>
    /// <param name="proxy">The proxy of the client; null for the environment's.</param>
    public static string? Unreachable(HttpRequestException fault, Uri destination, IWebProxy? proxy = null)
    {
        proxy ??= HttpClient.DefaultProxy;

        // Through a proxy, the only host that is resolved and connected to is the proxy; a fault behind it is a ProxyTunnelError.
        var isHandshake = fault is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException and not ServerCertificateException };
        var address = (isHandshake || fault.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError) && !proxy.IsBypassed(destination)
            ? proxy.GetProxy(destination)
            : null;
        var clause = (isHandshake, address?.Scheme) switch
        {
            (false, _) => "cannot be reached: check its address, whether it is up, and the network policies",
            (true, "https") => $"made no TLS connection, to itself or through its tunnel to {destination.IdnHost}: write its address as http:// unless it expects TLS, and check what it allows",
            _ => $"opened a tunnel to {destination.IdnHost}, but no TLS handshake succeeded in it: check what the proxy allows, and that {destination.IdnHost} supports TLS 1.2 or newer",
        };
        return address is null ? null : $"{address.IdnHost}:{address.Port} of {SourceOf(proxy)} {clause}";
    }

    // As .NET reads it: the password may contain '@' and '/', and text after the port is ignored.
    private static bool IsAddress(string value)
    {
        var scheme = Schemes.FirstOrDefault(scheme => value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) ?? "";
        var at = value.LastIndexOf('@');
        var server = value[(at < 0 ? scheme.Length : at + 1)..];
        var colon = server.LastIndexOf(':') is var last && last > server.IndexOf(']') ? last : -1;
        var port = colon < 0 ? "80" : string.Concat(server[(colon + 1)..].TakeWhile(char.IsAsciiDigit));
        try
        {
            return ushort.TryParse(port, out var number) && new UriBuilder("http", colon < 0 ? server : server[..colon], number).Uri.Host is { Length: > 0 } host && Ascii.IsValid(host);
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    private static string SourceOf(IWebProxy? proxy) => proxy is WebProxy ? "proxy-url in the kubeconfig" : "HTTPS_PROXY";
}
