namespace ClusterTrust.CertSync.Serving;

/// <summary>A TLS endpoint.</summary>
/// <param name="Host">A DNS name in lower case, without a final dot, or an IP address without brackets.</param>
public sealed record Endpoint(string Host, int Port)
{
    public const int DefaultPort = 443;

    private const int LongestLabel = 63;

    /// <summary>Reads <c>HOST</c> or <c>HOST:PORT</c>.</summary>
    /// <param name="text">The text, without blanks around it.</param>
    /// <param name="allowsAddress">Whether the host may be an IP address, IPv6 in brackets.</param>
    /// <returns>Null if the text has another form.</returns>
    public static Endpoint? Parse(string text, bool allowsAddress)
    {
        var colon = text.LastIndexOf(':');
        var hasPort = colon > text.LastIndexOf(']');
        var (host, port) = (hasPort ? text[..colon] : text, DefaultPort);
        if (hasPort && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            return null;
        }

        host = host.ToLowerInvariant();
        return IsDnsName(host) ? new Endpoint(host, port)
            : allowsAddress && AddressIn(host) is { } address ? new Endpoint(address, port)
            : null;
    }

    /// <summary><c>HOST:PORT</c>, without the default port.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return Port == DefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }

    /// <summary>Letters, digits and hyphens in labels (RFC 1123 §2.1); a last label of digits alone, or with 0x before it, may be read as an IP address.</summary>
    private static bool IsDnsName(string host) => KubernetesName.IsSubdomain(host)
        && host.Split('.') is [.., var last] labels && labels.All(static label => label.Length <= LongestLabel) && !last.All(char.IsAsciiDigit)
        && !last.StartsWith("0x", StringComparison.Ordinal);

    /// <summary>An IP address in its usual form: not 127.1, nor 0x7f000001, nor with a zone, which is another one on each machine.</summary>
    private static string? AddressIn(string host)
    {
        var text = host is ['[', .. var inner, ']'] ? inner : host;
        return IPAddress.TryParse(text, out var address) && address.ToString() == text && !text.Contains('%', StringComparison.Ordinal)
            && text.Contains(':', StringComparison.Ordinal) == (text.Length < host.Length)
            ? text
            : null;
    }
}

/// <summary>An endpoint that the operator gives, and the certificate that it must serve.</summary>
/// <param name="Vault">The vault's alias; null for the default vault.</param>
public sealed record ConfiguredEndpoint(Endpoint Endpoint, string? Vault, string Name)
{
    /// <summary>Reads <c>HOST[:PORT]=[ALIAS/]NAME</c>; null if the text has another form.</summary>
    public static ConfiguredEndpoint? Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || Endpoint.Parse(text[..equals].Trim(), allowsAddress: true) is not { } endpoint)
        {
            return null;
        }

        var certificate = text[(equals + 1)..].Trim().Split('/');
        return certificate.Length <= 2 && certificate[^1] is { Length: > 0 } name && VaultNames.Map(name) == name && certificate[0].Length > 0
            ? new ConfiguredEndpoint(endpoint, certificate.Length == 2 ? certificate[0] : null, name)
            : null;
    }
}
