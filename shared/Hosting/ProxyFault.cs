namespace ClusterTrust.Hosting;

/// <summary>Tells a proxy that wants to know who asks from one that only does not let through.</summary>
public static class ProxyFault
{
    /// <summary>What to do, to follow "the proxy"; null when the proxy does not ask for credentials.</summary>
    /// <param name="fault">What the HTTP client threw. It tells the status of a refused tunnel in its message alone, in quotes, after the proxy's address.</param>
    public static string? CredentialsWanted(HttpRequestException fault) =>
        fault.HttpRequestError == HttpRequestError.ProxyTunnelError && fault.Message.Contains("'407'", StringComparison.Ordinal)
            ? "asks for a user name and password (407): write them into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT"
            : null;
}
