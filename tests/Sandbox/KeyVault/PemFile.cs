using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Reads and writes PEM as Key Vault does: an unencrypted PKCS#8 key and certificates, line feeds only, nothing between the blocks.</summary>
internal static class PemFile
{
    /// <exception cref="VaultErrorException">Another form of PEM, or not exactly one certificate with a key.</exception>
    public static CertificateContent Read(string text)
    {
        var certificates = new List<X509Certificate2>();
        var keys = new List<byte[]>();
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            if (text.Contains('\r', StringComparison.Ordinal) || !PemEncoding.TryFind(rest, out var block) || !rest[..block.Location.Start.Value].Trim('\n').IsEmpty)
            {
                throw VaultErrors.UnreadablePem();
            }

            var data = Convert.FromBase64String(rest[block.Base64Data].ToString());
            switch (rest[block.Label])
            {
                case "CERTIFICATE":
                    certificates.Add(Load(data));
                    break;
                case "PRIVATE KEY":
                    keys.Add(data);
                    break;
                default:
                    throw VaultErrors.UnreadablePem();
            }

            rest = rest[block.Location.End.Value..].TrimStart('\n');
        }

        try
        {
            return CertificateContent.Match(certificates, keys);
        }
        catch (CryptographicException)
        {
            throw VaultErrors.UnreadablePem();
        }
    }

    /// <summary>The key first, then the certificates: the order of the backing secret.</summary>
    public static string Write(IEnumerable<X509Certificate2> certificates, byte[]? privateKey)
    {
        var text = new StringBuilder();
        if (privateKey is not null)
        {
            text.Append(PemEncoding.Write("PRIVATE KEY", privateKey)).Append('\n');
        }

        foreach (var certificate in certificates)
        {
            text.Append(certificate.ExportCertificatePem()).Append('\n');
        }

        return text.ToString();
    }

    private static X509Certificate2 Load(byte[] data)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(data);
        }
        catch (CryptographicException)
        {
            throw VaultErrors.UnreadablePem();
        }
    }
}
