using System.Security.Cryptography;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>The elliptic curves Key Vault knows.</summary>
internal static class KeyCurve
{
    /// <returns>The curve's name in a policy, or null when Key Vault does not know it.</returns>
    public static string? NameOf(ECDsa? key) => key?.ExportParameters(includePrivateParameters: false).Curve.Oid switch
    {
        { Value: "1.2.840.10045.3.1.7" } or { FriendlyName: "nistP256" or "ECDSA_P256" } => "P-256",
        { Value: "1.3.132.0.34" } or { FriendlyName: "nistP384" or "ECDSA_P384" } => "P-384",
        { Value: "1.3.132.0.35" } or { FriendlyName: "nistP521" or "ECDSA_P521" } => "P-521",
        { Value: "1.3.132.0.10" } or { FriendlyName: "secp256k1" } => "P-256K",
        _ => null,
    };
}
