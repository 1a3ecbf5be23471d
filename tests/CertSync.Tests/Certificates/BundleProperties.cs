namespace ClusterTrust.CertSync.Tests.Certificates;

public sealed class BundleProperties
{
    private static readonly Issued Lower = Pki.Authority("Property CA", Pki.Rsa("lower"), Pki.Intermediate);
    private static readonly Issued Leaf = Pki.Issue("property.example.com", Pki.Rsa("leaf"), Lower);
    private static readonly Issued CrossedLower = Pki.Authority("Property CA", Pki.Rsa("lower"), Pki.EcRoot);

    private static readonly Gen<string> Noise = Gen.OneOf(
        "", "\n", "\r\n\r\n", "\uFEFF", "# comment\n", "subject=CN = x\r\nissuer=CN = y\n", " \t\n", "-----\n", "----- BEGIN\n", "\0\n", "ÄÖÜ 漢字\n",
        "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "text -----BEGIN CERTIFICATE----- in a line\n");

    [Fact]
    public void Any_permutation_duplication_and_noise_of_the_same_blocks_gives_the_same_bundle()
    {
        var blocks = new[] { Leaf, Lower, CrossedLower, Pki.Intermediate, Pki.Root, Pki.EcRoot, Pki.EcLeaf, Leaf, Lower };
        using var expected = Parse(Pem(blocks), Leaf.Pkcs8);
        var expectedPem = expected.ToPem();

        Gen.Select(Gen.Shuffle(blocks), Noise.Array[blocks.Length + 1], Gen.Bool.Array[blocks.Length], Gen.Int[0, blocks.Length - 1], Gen.Bool)
            .Sample((order, noise, carriageReturns, again, traditional) =>
            {
                var text = new StringBuilder(noise[^1]);
                for (var i = 0; i < order.Length; i++)
                {
                    var pem = carriageReturns[i] ? order[i].Pem.ReplaceLineEndings("\r\n") : order[i].Pem;
                    text.Append(pem).Append(noise[i]);
                }

                text.Append('\n').Append(order[again].Pem);
                using var bundle = Parse(text.ToString(), noise[0] + (traditional ? Leaf.Traditional : Leaf.Pkcs8) + noise[1]);
                return bundle.Facts.ChainSha256 == expected.Facts.ChainSha256
                    && bundle.ToPem().AsSpan().SequenceEqual(expectedPem)
                    && bundle.Warnings.Where(static warning => !warning.Contains("byte order mark", StringComparison.Ordinal)).SequenceEqual(expected.Warnings);
            }, iter: 200);
    }

    [Fact]
    public void The_chain_is_the_same_however_the_authorities_are_distributed()
    {
        using var expected = Parse(Leaf, Lower, Pki.Intermediate, Pki.Root);
        Gen.Bool.Array[3].Sample(inAuthorityEntry =>
        {
            var authorities = new[] { Lower, Pki.Intermediate, Pki.Root };
            using var bundle = Parse(
                Leaf.Pem + Pem(authorities.Where((_, i) => !inAuthorityEntry[i])), Leaf.Pkcs8, Pem(authorities.Where((_, i) => inAuthorityEntry[i])));
            return bundle.Facts.ChainSha256 == expected.Facts.ChainSha256;
        }, iter: 50);
    }

    [Fact]
    public void Whatever_subset_of_certificates_is_there_each_in_the_chain_is_issued_by_the_next()
    {
        var blocks = new[] { Lower, CrossedLower, Pki.Intermediate, Pki.Root, Pki.EcRoot, Pki.EcIntermediate };
        Gen.Select(Gen.Bool.Array[blocks.Length], Gen.Bool).Sample((isThere, includeRoot) =>
        {
            using var bundle = Parse(Leaf.Pem + Pem(blocks.Where((_, i) => isThere[i])), Leaf.Pkcs8, includeRoot: includeRoot);
            return bundle.Facts.Thumbprint == Leaf.Thumbprint
                && bundle.Chain.Zip(bundle.Chain.Skip(1)).All(link => link.First.Issuer == link.Second.Subject)
                && bundle.Chain.Distinct().Count() == bundle.Chain.Count
                && (includeRoot || bundle.Chain.All(certificate => certificate.Subject != certificate.Issuer));
        }, iter: 200);
    }

    [Fact]
    public void Bytes_at_random_are_refused_by_a_typed_fault()
    {
        var markers = Gen.OneOf(
            "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "-----END ", "-----", "\n", "Proc-Type: 4,ENCRYPTED\n", "MIIB");
        var contents = Gen.OneOf(Gen.Byte.Array[0, 60], markers.Select(Pki.Bytes)).Array[0, 12].Select(static parts => parts.SelectMany(static part => part).ToArray());
        Gen.Select(contents, contents).Sample(static (crt, key) =>
        {
            Assert.Throws<CertificateFormatException>(() => CertificateParser.Parse(crt, key, default, new BundleOptions()));
        }, iter: 2_000);
    }
}
