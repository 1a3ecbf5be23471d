using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClusterTrust.CertSync.Certificates;
using Org.BouncyCastle.Pkcs;
using static ClusterTrust.CertSync.Tests.Certificates.Parsing;

namespace ClusterTrust.CertSync.Tests.Certificates;

public sealed class WriterTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("certsync-writers-");

    public static TheoryData<string, PfxEncryption> KindsOfPfx()
    {
        var data = new TheoryData<string, PfxEncryption>();
        foreach (var key in new[] { "rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521" })
        {
            data.Add(key, PfxEncryption.TripleDesSha1);
            data.Add(key, PfxEncryption.Aes256Sha256);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(KindsOfPfx))]
    public void Openssl_opens_the_pfx_leaf_first_and_its_key_signs_for_the_leaf(string key, PfxEncryption encryption)
    {
        var leaf = LeafWith(key);
        using var bundle = Parse(leaf.Pem + Pki.Intermediate.Pem, leaf.Traditional, Pki.Root.Pem);
        Write("bundle.pfx", bundle.ToPfx(encryption));

        var info = Run("pkcs12", "-info", "-in", "bundle.pfx", "-legacy", "-passin", "pass:", "-nodes", "-out", "all.pem");

        Assert.Contains(encryption == PfxEncryption.TripleDesSha1 ? "MAC: sha1, Iteration 1\n" : "MAC: sha256, Iteration 1000\n", info, StringComparison.Ordinal);
        Assert.Contains(encryption == PfxEncryption.TripleDesSha1
            ? "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 1\n"
            : "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 1000, PRF hmacWithSHA256", info, StringComparison.Ordinal);
        HasCertificatesInOrder("all.pem", leaf, Pki.Intermediate);
        SignsForItsLeaf("all.pem");
    }

    [Theory]
    [MemberData(nameof(KindsOfPfx))]
    public void Dotnet_and_BouncyCastle_open_the_pfx_and_find_its_mac_its_chain_and_its_key(string key, PfxEncryption encryption)
    {
        var leaf = LeafWith(key);
        using var bundle = Parse(leaf.Pem + Pki.Intermediate.Pem, leaf.Traditional);
        var pfx = bundle.ToPfx(encryption);

        var info = Pkcs12Info.Decode(pfx, out var read);
        Assert.Equal(pfx.Length, read);
        Assert.True(info.VerifyMac(""));
        using var loaded = X509CertificateLoader.LoadPkcs12(pfx, "", X509KeyStorageFlags.EphemeralKeySet);
        Assert.Equal(bundle.Facts.Thumbprint, loaded.Thumbprint, ignoreCase: true);
        Assert.True(loaded.HasPrivateKey);
        Assert.Equal(2, X509CertificateLoader.LoadPkcs12Collection(pfx, "", X509KeyStorageFlags.EphemeralKeySet).Count);

        var store = new Pkcs12StoreBuilder().Build();
        store.Load(new MemoryStream(pfx), []);
        var alias = Assert.Single(store.Aliases, store.IsKeyEntry);
        Assert.Equal(bundle.Chain.Select(certificate => certificate.RawData), store.GetCertificateChain(alias).Select(entry => entry.Certificate.GetEncoded()));
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("p521")]
    public void Openssl_reads_the_pem_back_and_its_key_signs_for_the_leaf(string key)
    {
        var leaf = LeafWith(key);
        using var bundle = Parse("\uFEFF# noise\r\n" + (Pki.Intermediate.Pem + leaf.Pem).ReplaceLineEndings("\r\n"), leaf.Traditional);
        var pem = bundle.ToPem();
        Write("bundle.pem", pem);

        var text = Encoding.ASCII.GetString(pem);
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", text, StringComparison.Ordinal);
        Assert.EndsWith("-----END CERTIFICATE-----\n", text, StringComparison.Ordinal);
        Assert.Equal(leaf.Pkcs8 + leaf.Pem + Pki.Intermediate.Pem, text);
        HasCertificatesInOrder("bundle.pem", leaf, Pki.Intermediate);
        SignsForItsLeaf("bundle.pem");
    }

    [Fact]
    public void A_bundle_can_be_written_repeatedly_in_both_formats()
    {
        using var bundle = Parse(Pki.EcLeaf.Pem, Pki.EcLeaf.Pkcs8);

        Assert.Equal(bundle.ToPem(), bundle.ToPem());
        Assert.NotEmpty(bundle.ToPfx());
        Assert.NotEmpty(bundle.ToPfx(PfxEncryption.Aes256Sha256));
        Assert.False(bundle.Chain[0].HasPrivateKey);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static Issued LeafWith(string key) => Pki.Issue("w.example.com", key[0] == 'r'
        ? Pki.Rsa("leaf", int.Parse(key.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture))
        : Pki.Ec("leaf", "nistP" + key[1..]), Pki.Intermediate);

    private void SignsForItsLeaf(string pem)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "message"), "signed by the key in the file");
        Run("x509", "-in", pem, "-pubkey", "-noout", "-out", "leaf.pub");
        Run("dgst", "-sha256", "-sign", pem, "-out", "signature", "message");
        Assert.Contains("Verified OK", Run("dgst", "-sha256", "-verify", "leaf.pub", "-signature", "signature", "message"), StringComparison.Ordinal);
    }

    private void HasCertificatesInOrder(string pem, params Issued[] expected)
    {
        var blocks = File.ReadAllText(Path.Combine(folder.FullName, pem)).Split("-----BEGIN CERTIFICATE-----").Skip(1)
            .Select(block => "-----BEGIN CERTIFICATE-----" + block[..block.IndexOf("-----END", StringComparison.Ordinal)] + "-----END CERTIFICATE-----\n");
        Assert.Equal(expected.Select(issued => issued.Pem), blocks);
    }

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(folder.FullName, name), content);

    private string Run(params string[] arguments) => OpenSsl.Run(folder.FullName, arguments);
}
