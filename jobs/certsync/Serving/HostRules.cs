namespace ClusterTrust.CertSync.Serving;

/// <summary>The hosts that a tenant may have this job connect to: those that the certificate names, at addresses of the public Internet.</summary>
public static class HostRules
{
    /// <summary>
    /// Ranges that are not public (IANA special-purpose registry, RFC 6890), multicast, and the address of Azure's own services inside
    /// every virtual network.
    /// </summary>
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(static network => IPNetwork.Parse(network)),
    ];

    /// <summary>Global unicast (RFC 4291 §2.4). All else, such as loopback, unique local, link-local and IPv4-mapped addresses, is not public.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>The IPv6 addresses that DNS64 synthesizes from IPv4 addresses (RFC 6052).</summary>
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    private const int Ipv4Length = 4;

    /// <summary>Whether a certificate is for a host: by one of its DNS names, or by a wildcard for exactly one label (RFC 6125 §6.4.3).</summary>
    /// <param name="host">A DNS name in lower case.</param>
    /// <param name="identities">The certificate's alternative names, <c>DNS:</c> before those that count.</param>
    public static bool IsNamed(string host, IEnumerable<string> identities)
    {
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        var (exact, wildcard) = ($"DNS:{host}", dot > 0 ? $"DNS:*{host[dot..]}" : null);
        return identities.Any(identity => identity == exact || identity == wildcard);
    }

    /// <summary>Whether an address is one of the public Internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return Translated.Contains(address)
            ? IsPublic(new IPAddress(bytes.AsSpan()[^Ipv4Length..]))
            : (bytes.Length == Ipv4Length || GlobalUnicast.Contains(address)) && !NotPublic.Any(network => network.Contains(address));
    }
}
