using System.Net;

namespace ClusterTrust.Hosting;

/// <summary>Distinguishes the faults of a proxy from those of the servers behind it.</summary>
public static class ProxyFault
{
    private static readonly string[] Names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

    /// <summary>Finds the variables that .NET ignores because their address is invalid: requests would be sent without the proxy.</summary>
    /// <returns>A sentence each, without the value, which may contain a password.</returns>
    public static IEnumerable<string> InvalidVariables(IReadOnlyDictionary<string, string> variables) =>
        from name in Names
        let value = variables.GetValueOrDefault(name)
        where !string.IsNullOrWhiteSpace(value) && !Uri.TryCreate($"http://{WithoutUser(value.Trim())}", UriKind.Absolute, out _)
        select $"{name} does not contain the address of a proxy: write it as http://HOST:PORT, or remove it";

    /// <summary>What to do, to follow "the proxy", if the proxy requires credentials; else null.</summary>
    /// <param name="fault">The exception of the HTTP client; its status is that of the refused tunnel.</param>
    /// <param name="proxy">The proxy of the client; null for the environment's.</param>
    public static string? CredentialsRequired(HttpRequestException fault, IWebProxy? proxy = null) =>
        fault is { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode.ProxyAuthenticationRequired }
            ? $"requires a user name and password (407): set them in {SourceOf(proxy)}, or correct them; they precede the host, followed by '@'"
            : null;

    /// <summary>What is wrong, to follow "the proxy", if the proxy cannot be reached; else null.</summary>
    /// <param name="fault">The exception of the HTTP client.</param>
    /// <param name="destination">The address of the request.</param>
    /// <param name="proxy">The proxy of the client; null for the environment's.</param>
    public static string? Unreachable(HttpRequestException fault, Uri destination, IWebProxy? proxy = null)
    {
        proxy ??= HttpClient.DefaultProxy;

        // Through a proxy, the only host that is resolved and connected to is the proxy; a fault behind it is a ProxyTunnelError.
        var address = fault.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError && !proxy.IsBypassed(destination)
            ? proxy.GetProxy(destination)
            : null;
        return address is null ? null : $"{address.IdnHost}:{address.Port} of {SourceOf(proxy)} cannot be reached: check its address, whether it is up, and the network policies";
    }

    // As .NET reads it: the password may contain '@' and '/'.
    private static string WithoutUser(string address)
    {
        var at = address.LastIndexOf('@');
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        return at >= 0 ? address[(at + 1)..] : scheme >= 0 ? address[(scheme + 3)..] : address;
    }

    private static string SourceOf(IWebProxy? proxy) => proxy is WebProxy ? "proxy-url in the kubeconfig" : "HTTPS_PROXY";
}
