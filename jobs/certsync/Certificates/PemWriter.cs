using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>Writes PEM as Key Vault accepts it for <c>application/x-pem-file</c>: the PKCS#8 key, then the certificates, leaf first.</summary>
internal static class PemWriter
{
    /// <inheritdoc cref="CertificateBundle.ToPem"/>
    public static byte[] Write(IReadOnlyList<X509Certificate2> chain, PrivateKey key)
    {
        var pkcs8 = key.ToPkcs8();
        try
        {
            var length = Length(chain, pkcs8.Length);
            VaultRules.CheckLength(length);
            var pem = GC.AllocateUninitializedArray<byte>(length, pinned: true);
            var written = Append(pem, 0, "PRIVATE KEY"u8, pkcs8);
            foreach (var certificate in chain)
            {
                written = Append(pem, written, "CERTIFICATE"u8, certificate.RawDataMemory.Span);
            }

            return pem;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static int Length(IReadOnlyList<X509Certificate2> chain, int keyLength) =>
        PemEncoding.GetEncodedSize("PRIVATE KEY".Length, keyLength) + 1
        + chain.Sum(certificate => PemEncoding.GetEncodedSize("CERTIFICATE".Length, certificate.RawDataMemory.Length) + 1);

    private static int Append(byte[] pem, int position, ReadOnlySpan<byte> label, ReadOnlySpan<byte> data)
    {
        if (!PemEncoding.TryWriteUtf8(label, data, pem.AsSpan(position), out var written))
        {
            throw new InvalidOperationException("The PEM buffer is shorter than what was computed for it.");
        }

        pem[position + written] = (byte)'\n';
        return position + written + 1;
    }
}
