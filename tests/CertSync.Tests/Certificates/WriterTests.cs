using Org.BouncyCastle.Pkcs;

namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>The written files, read by openssl, .NET and BouncyCastle.</summary>
public sealed class WriterTests : IDisposable
{
    private readonly BinaryRunner _openssl = new("openssl");

    /// <summary>Every kind that Key Vault accepts.</summary>
    public static TheoryData<string> KindsOfKey => ["rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521"];

    [Theory]
    [MemberData(nameof(KindsOfKey))]
    public async Task Openssl_opens_the_pfx_leaf_first_and_its_key_signs_for_the_leaf(string key)
    {
        var leaf = Pki.LeafWith(key);
        using var bundle = Parse(Pem(leaf, Pki.Intermediate), leaf.Traditional, Pki.Root.Pem);
        foreach (var (encryption, mac, cipher) in new[]
        {
            (PfxEncryption.TripleDesSha1, "MAC: sha1, Iteration 1\n", "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 1\n"),
            (PfxEncryption.Aes256Sha256, "MAC: sha256, Iteration 1000\n", "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 1000, PRF hmacWithSHA256"),
        })
        {
            Write("bundle.pfx", bundle.ToPfx(encryption));
            var info = await RunAsync("pkcs12", "-info", "-in", "bundle.pfx", "-legacy", "-passin", "pass:", "-nodes", "-out", "all.pem");
            Assert.Contains(mac, info, StringComparison.Ordinal);
            Assert.Contains(cipher, info, StringComparison.Ordinal);
            await SignsForItsLeafAsync("all.pem", leaf);
        }
    }

    [Theory]
    [MemberData(nameof(KindsOfKey))]
    public void Dotnet_and_BouncyCastle_open_the_pfx_and_find_its_mac_its_chain_and_its_key(string key)
    {
        using var bundle = Parse(Pki.LeafWith(key), Pki.Intermediate);
        foreach (var pfx in Enum.GetValues<PfxEncryption>().Select(bundle.ToPfx))
        {
            Assert.True(Pkcs12Info.Decode(pfx, out var read).VerifyMac(""));
            Assert.Equal(pfx.Length, read);
            var loaded = X509CertificateLoader.LoadPkcs12Collection(pfx, "", X509KeyStorageFlags.EphemeralKeySet);
            Assert.Equal(2, loaded.Count);
            Assert.Equal(bundle.Chain[0], Assert.Single(loaded, static certificate => certificate.HasPrivateKey));

            var store = new Pkcs12StoreBuilder().Build();
            store.Load(new MemoryStream(pfx), []);
            var alias = Assert.Single(store.Aliases, store.IsKeyEntry);
            Assert.Equal(bundle.Chain.Select(static certificate => certificate.RawData), store.GetCertificateChain(alias).Select(static entry => entry.Certificate.GetEncoded()));
        }
    }

    [Theory]
    [MemberData(nameof(KindsOfKey))]
    public async Task Openssl_reads_the_pem_of_either_form_of_key_back_and_its_key_signs_for_the_leaf(string key)
    {
        var leaf = Pki.LeafWith(key);
        foreach (var form in new[] { leaf.Traditional, leaf.Pkcs8 })
        {
            using var bundle = Parse("\uFEFF# noise\r\n" + Pem(Pki.Intermediate, leaf).ReplaceLineEndings("\r\n"), form);
            bundle.ToPfx();
            var pem = bundle.ToPem();
            Assert.Equal(leaf.Pkcs8 + Pem(leaf, Pki.Intermediate), Encoding.ASCII.GetString(pem));
            Write("bundle.pem", pem);
        }

        await SignsForItsLeafAsync("bundle.pem", leaf);
    }

    public void Dispose() => _openssl.DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Asserts that a file has the leaf, then the intermediate, and that the key in it signs for the leaf.</summary>
    private async Task SignsForItsLeafAsync(string pem, Issued leaf)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(Path.Combine(_openssl.Home, pem));
        Assert.Equal([leaf.Certificate.RawData, Pki.Intermediate.Certificate.RawData], certificates.Select(static certificate => certificate.RawData));
        Write("message", "signed by the key in the file"u8.ToArray());
        await RunAsync("x509", "-in", pem, "-pubkey", "-noout", "-out", "leaf.pub");
        await RunAsync("dgst", "-sha256", "-sign", pem, "-out", "signature", "message");
        Assert.Contains("Verified OK", await RunAsync("dgst", "-sha256", "-verify", "leaf.pub", "-signature", "signature", "message"), StringComparison.Ordinal);
    }

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_openssl.Home, name), content);

    private async Task<string> RunAsync(params string[] arguments)
    {
        var output = (await _openssl.RunAsync(arguments)).OrThrow();
        return output.StandardOutput + output.StandardError;
    }
}
