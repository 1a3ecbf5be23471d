using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ClusterTrust.Sandbox.CertManager;

/// <summary>What an issuer made: the leaf and the entries of its Secret.</summary>
/// <param name="Leaf">The certificate, without its key.</param>
/// <param name="ChainPem">Leaf and intermediates: <c>tls.crt</c>.</param>
/// <param name="KeyPem">The private key: <c>tls.key</c>.</param>
/// <param name="CaPem">The root: <c>ca.crt</c>.</param>
public sealed record Issuance(X509Certificate2 Leaf, string ChainPem, string KeyPem, string CaPem)
{
    /// <summary>Lower-case hexadecimal SHA-1, as Key Vault's x5t.</summary>
    public string Thumbprint => Convert.ToHexStringLower(Leaf.GetCertHash());

    /// <summary>The Secret's data.</summary>
    public Dictionary<string, byte[]> Data => new()
    {
        ["tls.crt"] = Encoding.ASCII.GetBytes(ChainPem),
        ["tls.key"] = Encoding.ASCII.GetBytes(KeyPem),
        ["ca.crt"] = Encoding.ASCII.GetBytes(CaPem),
    };
}
