using System.Net;

namespace ClusterTrust.Kubernetes.Transport;

/// <summary>
/// The proxy of the environment (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>) as the cluster's other clients read it. Go never sends this machine's
/// own addresses to a proxy and knows two forms of <c>NO_PROXY</c> that .NET leaves out: networks (<c>10.0.0.0/8</c>), which clusters
/// use for their Service range, and <c>*</c>.
/// </summary>
internal sealed class EnvironmentProxy(IWebProxy inner, string? noProxy) : IWebProxy
{
    private readonly string[] entries = (noProxy ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public ICredentials? Credentials
    {
        get => inner.Credentials;
        set => inner.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : inner.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || entries.Any(entry => Covers(entry, host)) || inner.IsBypassed(host);

    private static bool Covers(string entry, Uri host) =>
        entry == "*"
        || (IPNetwork.TryParse(entry, out var network) && IPAddress.TryParse(host.IdnHost, out var address) && network.Contains(address));
}
