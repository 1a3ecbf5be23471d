using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Serving;

/// <summary>An endpoint that the operator gives, and the certificate that it must serve.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Vault">The vault's alias; null for the default vault.</param>
/// <param name="Name">The certificate's name in the vault.</param>
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

    public override string ToString() => $"{Endpoint}={(Vault is null ? "" : $"{Vault}/")}{Name}";
}
