using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>Damages PEM texts. The same seed does the same damage, so that a test that fails by it can be run again.</summary>
internal sealed class Mutations(int seed)
{
    private static readonly string[] Labels = ["CERTIFICATE", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "X509 CERTIFICATE", "PUBLIC KEY", ""];

    private readonly Random random = new(seed);

    /// <summary>One to three damages, to the text or to the DER inside its blocks.</summary>
    public byte[] Damage(string pem)
    {
        var bytes = Encoding.Latin1.GetBytes(pem);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            bytes = random.Next(10) switch
            {
                0 => Overwrite(bytes, random.Next(256)),
                1 => Overwrite(bytes, "-\n\r :=A"[random.Next(7)]),
                2 => bytes[..random.Next(bytes.Length + 1)],
                3 => Cut(bytes),
                4 => Repeat(bytes),
                5 => Relabel(bytes),
                _ => DamageDer(bytes),
            };
        }

        return bytes;
    }

    private byte[] DamageDer(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        if (!PemEncoding.TryFind(text, out var fields))
        {
            return Overwrite(bytes, 0);
        }

        var der = Convert.FromBase64String(text[fields.Base64Data]);
        if (der.Length > 0)
        {
            der = random.Next(5) switch
            {
                0 => der[..random.Next(der.Length)],
                1 => Cut(der),
                2 => Overwrite(der, 0xFF),
                3 => Overwrite(der[..^0], random.Next(256), within: Math.Min(der.Length, 80)),
                _ => Flip(der),
            };
        }

        var block = new string(PemEncoding.Write(text[fields.Label], der));
        return Encoding.Latin1.GetBytes(string.Concat(text.AsSpan(0, fields.Location.Start.Value), block, text.AsSpan(fields.Location.End.Value)));
    }

    private byte[] Flip(byte[] bytes)
    {
        var copy = bytes.ToArray();
        copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
        return copy;
    }

    private byte[] Overwrite(byte[] bytes, int value, int within = int.MaxValue)
    {
        var copy = bytes.ToArray();
        if (copy.Length > 0)
        {
            copy[random.Next(Math.Min(copy.Length, within))] = (byte)value;
        }

        return copy;
    }

    private byte[] Cut(byte[] bytes)
    {
        var start = random.Next(bytes.Length + 1);
        var length = random.Next(Math.Min(200, bytes.Length - start) + 1);
        return [.. bytes[..start], .. bytes[(start + length)..]];
    }

    private byte[] Repeat(byte[] bytes)
    {
        var start = random.Next(bytes.Length + 1);
        var length = random.Next(bytes.Length - start + 1);
        return [.. bytes[..(start + length)], .. bytes[start..]];
    }

    private byte[] Relabel(byte[] bytes) => Encoding.Latin1.GetBytes(
        Encoding.Latin1.GetString(bytes).Replace(Labels[random.Next(Labels.Length - 1)], Labels[random.Next(Labels.Length)], StringComparison.Ordinal));
}
