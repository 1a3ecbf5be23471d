namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>Damages PEM texts. The same seed does the same damage, so that a test that fails by it can be run again.</summary>
internal sealed class Mutations(int seed)
{
    private static readonly string[] Labels = ["CERTIFICATE", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "X509 CERTIFICATE", "PUBLIC KEY", ""];

    private readonly Random _random = new(seed);

    /// <summary>One to three damages, to the text or to the DER inside its first block.</summary>
    public byte[] Damage(string pem)
    {
        var text = pem;
        for (var left = _random.Next(1, 4); left > 0; left--)
        {
            text = _random.Next(10) switch
            {
                0 => text.Replace(Labels[_random.Next(Labels.Length - 1)], Labels[_random.Next(Labels.Length)], StringComparison.Ordinal),
                1 => text.Insert(_random.Next(text.Length + 1), $"{"-\n\r :=A"[_random.Next(7)]}"),
                < 6 => Encoding.Latin1.GetString(Damage(Encoding.Latin1.GetBytes(text))),
                _ => DamageDer(text),
            };
        }

        return Encoding.Latin1.GetBytes(text);
    }

    private string DamageDer(string text) => PemEncoding.TryFind(text, out var fields)
        ? string.Concat(
            text.AsSpan()[..fields.Location.Start],
            PemEncoding.WriteString(text[fields.Label], Damage(Convert.FromBase64String(text[fields.Base64Data]))),
            text.AsSpan()[fields.Location.End..])
        : text;

    /// <summary>Breaks off, cuts, repeats, or changes one byte; in half of the cases near the beginning, where the structure is.</summary>
    private byte[] Damage(byte[] bytes)
    {
        var start = _random.Next(_random.Next(2) == 0 ? Math.Min(bytes.Length, 80) + 1 : bytes.Length + 1);
        var end = _random.Next(start, Math.Min(bytes.Length, start + 200) + 1);
        return _random.Next(6) switch
        {
            0 => bytes[..start],
            1 => [.. bytes[..start], .. bytes[end..]],
            2 => [.. bytes[..end], .. bytes[start..]],
            3 => [.. bytes[..start], 0xFF, .. bytes.Skip(start + 1)],
            4 => [.. bytes[..start], (byte)_random.Next(256), .. bytes.Skip(start + 1)],
            _ => [.. bytes[..start], .. bytes.Skip(start).Take(1).Select(one => (byte)(one ^ (1 << _random.Next(8)))), .. bytes.Skip(start + 1)],
        };
    }
}
