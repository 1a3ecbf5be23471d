namespace ClusterTrust.Hosting;

/// <summary>
/// The proxy of the environment (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>) as the cluster's other clients read it. Go never sends requests to
/// loopback addresses through a proxy, and supports forms of <c>NO_PROXY</c> that .NET does not: networks (<c>10.0.0.0/8</c>), which
/// clusters use for their Service range, <c>*</c>, names that include their subdomains, and ports. What .NET bypasses, it bypasses too.
/// </summary>
internal sealed class EnvironmentProxy(IWebProxy inner, string? noProxy) : IWebProxy
{
    private readonly string[] _entries = (noProxy ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The proxy of these variables. Of <c>NO_PROXY</c> and <c>no_proxy</c>, the first that is not empty is read; .NET adds what it reads itself.</summary>
    /// <param name="inner">.NET's proxy of the same environment; returned as it is if it reads <c>NO_PROXY</c> in this way already.</param>
    public static EnvironmentProxy Of(IWebProxy inner, Func<string, string?> variable) => inner as EnvironmentProxy
        ?? new(inner, variable("NO_PROXY") is { Length: > 0 } noProxy ? noProxy : variable("no_proxy"));

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

    /// <summary>An IP address, as IPv4 if it is IPv4-mapped; null if it is a name.</summary>
    private static IPAddress? Address(string text) => !IPAddress.TryParse(text, out var address) ? null
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address;
}
