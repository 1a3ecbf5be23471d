using System.Net;

namespace ClusterTrust.Hosting;

/// <summary>Distinguishes the faults of a proxy from those of what is behind it.</summary>
public static class ProxyFault
{
    // Which host is asked for does not matter: what goes past the proxy does not fail at it.
    private static readonly Uri AnyHost = new("https://host.invalid/");

    /// <summary>What to do, to follow "the proxy"; null when the proxy does not ask for credentials.</summary>
    /// <param name="fault">What the HTTP client threw; its status is that of the refused tunnel.</param>
    public static string? CredentialsWanted(HttpRequestException fault) =>
        fault is { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode.ProxyAuthenticationRequired }
            ? "asks for a user name and password (407): write them into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT"
            : null;

    /// <summary>What is wrong, to follow "the proxy", when it is the proxy itself that cannot be reached; null when it is something else.</summary>
    /// <param name="fault">What the HTTP client threw. Only its message contains the address it could not connect to, at the end, in parentheses.</param>
    public static string? Unreachable(HttpRequestException fault) => Unreachable(fault, HttpClient.DefaultProxy);

    /// <inheritdoc cref="Unreachable(HttpRequestException)"/>
    /// <param name="fault">What the HTTP client threw.</param>
    /// <param name="proxies">The proxy of the environment.</param>
    internal static string? Unreachable(HttpRequestException fault, IWebProxy proxies) =>
        fault.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
        && proxies.GetProxy(AnyHost) is { } proxy
        && fault.Message.EndsWith($"({proxy.IdnHost}:{proxy.Port})", StringComparison.OrdinalIgnoreCase)
            ? $"{proxy.IdnHost}:{proxy.Port} of HTTPS_PROXY cannot be reached: check its address, whether it is up, and the network policies"
            : null;
}
