using System.Security.Cryptography.Pkcs;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>What an imported file holds: its certificates, the leaf first, which has the one private key.</summary>
internal sealed record CertificateContent(X509Certificate2 Leaf, IReadOnlyList<X509Certificate2> Chain)
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Ec = "1.2.840.10045.2.1";

    /// <exception cref="VaultError">No PFX, wrong password, or not exactly one certificate with a key.</exception>
    public static CertificateContent ReadPfx(byte[] file, string password)
    {
        try
        {
            // .NET relies on the file for which key belongs to which certificate, and drops a key that belongs to none.
            X509Certificate2[] all = [.. X509CertificateLoader.LoadPkcs12Collection(file, password, X509KeyStorageFlags.EphemeralKeySet | X509KeyStorageFlags.Exportable)];
            return KeysIn(file, password) == 1 && all.All(HasOwnKey) ? Of(all) : throw VaultErrors.NoPrivateKey();
        }
        catch (CryptographicException)
        {
            throw VaultErrors.UnreadablePfx();
        }
    }

    /// <summary>Reads PEM as Key Vault does: an unencrypted PKCS#8 key and certificates, line feeds only, nothing between the blocks.</summary>
    /// <exception cref="VaultError">Another form of PEM, or not exactly one certificate with a key.</exception>
    public static CertificateContent ReadPem(string text)
    {
        var certificates = new X509Certificate2Collection();
        var keys = new List<string>();
        try
        {
            for (var rest = text.AsSpan(); rest.Length > 0;)
            {
                if (text.Contains('\r', StringComparison.Ordinal) || !PemEncoding.TryFind(rest, out var block) || !rest[..block.Location.Start.Value].Trim('\n').IsEmpty)
                {
                    throw VaultErrors.UnreadablePem();
                }

                var pem = rest[block.Location];
                switch (rest[block.Label])
                {
                    case "CERTIFICATE":
                        certificates.ImportFromPem(pem);
                        break;
                    case "PRIVATE KEY":
                        keys.Add(pem.ToString());
                        if (Pkcs8PrivateKeyInfo.Decode(Convert.FromBase64String(rest[block.Base64Data].ToString()), out _).AlgorithmId.Value is not (Rsa or Ec))
                        {
                            throw VaultErrors.UnsupportedProperties();
                        }

                        break;
                    default:
                        throw VaultErrors.UnreadablePem();
                }

                rest = rest[block.Location.End.Value..].TrimStart('\n');
            }
        }
        catch (CryptographicException)
        {
            throw VaultErrors.UnreadablePem();
        }

        return keys is [var key] ? Of([.. certificates.Select(certificate => WithKey(certificate, key))]) : throw VaultErrors.NoPrivateKey();
    }

    private static int KeysIn(byte[] file, string password)
    {
        var keys = 0;
        foreach (var safe in Pkcs12Info.Decode(file, out _).AuthenticatedSafe)
        {
            if (safe.ConfidentialityMode == Pkcs12ConfidentialityMode.Password)
            {
                Decrypt(safe, password);
            }

            keys += safe.GetBags().Count(static bag => bag is Pkcs12KeyBag or Pkcs12ShroudedKeyBag);
        }

        return keys;
    }

    private static void Decrypt(Pkcs12SafeContents safe, string password)
    {
        try
        {
            safe.Decrypt(password);
        }
        catch (CryptographicException) when (password.Length == 0)
        {
            // To PKCS#12 no password differs from an empty one; both are taken.
            safe.Decrypt((string?)null);
        }
    }

    private static bool HasOwnKey(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey();
        return key is null || key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    private static CertificateContent Of(X509Certificate2[] certificates) => certificates.Where(static certificate => certificate.HasPrivateKey).ToArray() is [var leaf]
        ? new CertificateContent(leaf, [leaf, .. certificates.Where(certificate => certificate != leaf)])
        : throw VaultErrors.NoPrivateKey();

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            // Another certificate's key; an EC one that does not match is an argument's fault to .NET.
            return certificate;
        }
    }
}

internal static class KeyCurve
{
    public static string? NameOf(ECDsa? key) => key?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value switch
    {
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        "1.3.132.0.10" => "P-256K",
        _ => null,
    };
}
