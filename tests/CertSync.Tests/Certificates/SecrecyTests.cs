namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>No output of this namespace, including faults, contains a part of a private key.</summary>
public sealed class SecrecyTests
{
    private const int Piece = 12;

    [Fact]
    public void No_message_or_warning_holds_key_bytes_in_any_writing()
    {
        var keys = new[] { Pki.Leaf.Pkcs8, Pki.Leaf.Traditional, Pki.EcLeaf.Pkcs8, Pki.EcLeaf.Traditional };
        var output = new StringBuilder();
        for (var seed = 0; seed < 400; seed++)
        {
            var key = keys[seed % keys.Length];
            var mutations = new Mutations(seed);
            var tlsCrt = seed % 4 == 3 ? mutations.Damage(key + Pki.Leaf.Pem + key) : Pki.Bytes(Pki.Leaf.Pem + key);
            try
            {
                using var bundle = CertificateParser.Parse(tlsCrt, seed % 7 == 0 ? Pki.Bytes(key) : mutations.Damage(key + (seed % 5 == 0 ? key.Replace('A', 'B') : "")), Pki.Bytes(key), new BundleOptions());
                output.AppendJoin('\n', bundle.WarningsAt(Pki.End.AddYears(1))).AppendLine(CultureInfo.InvariantCulture, $"{bundle} {bundle.Facts}");
            }
            catch (CertificateFormatException refusal)
            {
                output.AppendLine(refusal.ToString());
            }
        }

        var text = output.ToString();
        Assert.Contains("tls.crt contains a private key", text, StringComparison.Ordinal);
        Assert.Contains("cannot be read", text, StringComparison.Ordinal);
        Assert.All(
            keys.SelectMany(Writings).SelectMany(static writing => Enumerable.Range(0, (2 * writing.Length / Piece) - 1).Select(half => writing.Substring(half * Piece / 2, Piece))),
            piece => Assert.DoesNotContain(piece, text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_subject_cannot_forge_a_log_line()
    {
        var leaf = Pki.Issue("CN=\"x\n{\"\"forged\"\": true}\u001b[2J\"", Pki.Rsa("leaf"), Pki.Intermediate, names: []);
        using var bundle = Parsing.Parse(leaf.Pem, leaf.Pkcs8);
        Assert.NotEmpty(bundle.Warnings);
        Assert.All(bundle.Warnings, line => Assert.DoesNotContain(line, char.IsControl));
        Assert.DoesNotContain(Parsing.Refused(leaf.Pem, Pki.EcLeaf.Pkcs8).Message, char.IsControl);
    }

    /// <summary>The key as base64, as upper and lower case hexadecimal.</summary>
    private static IEnumerable<string> Writings(string pem)
    {
        var base64 = string.Concat(pem.Split('\n').Where(line => line.Length > 0 && line[0] != '-'));
        var der = Convert.FromBase64String(base64);
        return [base64, Convert.ToHexString(der), Convert.ToHexStringLower(der)];
    }
}
