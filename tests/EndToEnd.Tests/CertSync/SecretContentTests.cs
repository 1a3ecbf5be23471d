using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>What is made of what a Secret holds, seen in the vault.</summary>
public sealed class SecretContentTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task What_cannot_go_is_reported_with_its_reason_and_the_rest_goes()
    {
        var scenario = fixture.New();
        scenario.Issue("a-good");
        scenario.Sandbox.Certificates.Pending(Spec("b-pending"));
        scenario.Sandbox.Certificates.Mismatched(Spec("c-mismatch"));
        scenario.Issue("d-expired", static spec => spec with { Lifetime = TimeSpan.FromDays(2) }, DateTimeOffset.UtcNow.AddDays(-5));
        scenario.Issue("e-early", notBefore: DateTimeOffset.UtcNow.AddDays(2));
        Put("f-rsa1024", TestLeaf.SelfSigned(RSA.Create(1024), "CN=f"));
        Put("g-usage", TestLeaf.SelfSigned(ECDsa.Create(ECCurve.NamedCurves.nistP256), "CN=g", static request => request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true))));
        using var ca = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Put("h-mixed", TestLeaf.SignedBy(RSA.Create(2048), "CN=h", ca));
        Put("i-large", TestLeaf.SelfSigned(RSA.Create(2048), "CN=i", static request => request.CertificateExtensions.Add(
            new X509Extension("1.2.3.4", new byte[30_000], false))));
        PutText("j-broken", "no PEM at all", "nor here");
        await PutEd25519Async("k-ed25519");
        using var locked = TestLeaf.SelfSigned(RSA.Create(2048), "CN=l");
        PutText("l-locked", locked.CertificatePem, locked.Key.ExportEncryptedPkcs8PrivateKeyPem("pw", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        using var twice = TestLeaf.SelfSigned(RSA.Create(2048), "CN=m");
        PutText("m-two-keys", twice.CertificatePem, twice.KeyPem + locked.KeyPem);

        var run = await scenario.SyncAsync();

        Assert.True(run.Output.ExitCode == 3, run.Output.ToString());
        var lines = run.Lines.ToDictionary(static line => line.Name);
        Assert.Equal(["create", "skip", "refuse", "refuse", "create", "refuse", "refuse", "refuse", "refuse", "refuse", "refuse", "refuse", "refuse"], run.Lines.Select(static line => line.Action));
        Assert.Equal("issuance-pending", lines["b-pending"].Reason);
        Says("c-mismatch", "match");
        Says("d-expired", "expired");
        Assert.Contains("not valid before", lines["e-early"].Warnings, StringComparison.Ordinal);
        Says("f-rsa1024", "1024");
        Says("g-usage", "usages");
        Says("h-mixed", "EC");
        Says("i-large", "The certificate with its chain has");
        Says("j-broken", "tls.crt");
        Says("k-ed25519", "Ed25519");
        Says("l-locked", "encrypted");
        Says("m-two-keys", "more than one private key");
        Assert.Equal(["a-good", "e-early"], scenario.Vault.Certificates.Select(static certificate => certificate.Name));

        CertificateSpec Spec(string name) => new(scenario.Namespace, name);
        void Says(string name, string text) => Assert.Contains(text, lines[name].Message, StringComparison.OrdinalIgnoreCase);
        void PutText(string name, string certificate, string key) => scenario.Sandbox.Certificates.Put(Spec(name), new Dictionary<string, byte[]>
        {
            ["tls.crt"] = Encoding.ASCII.GetBytes(certificate),
            ["tls.key"] = Encoding.ASCII.GetBytes(key),
        });

        void Put(string name, TestLeaf leaf)
        {
            using (leaf)
            {
                scenario.Sandbox.Certificates.Put(Spec(name), leaf.Data);
            }
        }

        async Task PutEd25519Async(string name)
        {
            await OpenSslAsync(scenario, "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "ed.key", "-out", "ed.crt", "-days", "30", "-subj", "/CN=ed");
            PutText(name, await File.ReadAllTextAsync(scenario.Sandbox.Folder.Combine("ed.crt")), await File.ReadAllTextAsync(scenario.Sandbox.Folder.Combine("ed.key")));
        }
    }

    [Theory]
    [InlineData(false, KeyForm.Traditional, "--format=pfx")]
    [InlineData(true, KeyForm.Traditional, "--pfx-encryption=aes256-sha256")]
    [InlineData(false, KeyForm.Traditional, "--format=pem")]
    [InlineData(true, KeyForm.Pkcs8, "--format=pem")]
    public async Task The_secret_behind_the_certificate_is_opened_by_openssl_and_its_key_signs_for_the_leaf(bool ec, KeyForm form, string option)
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web", spec => spec with { Ec = ec, KeyForm = form });

        (await scenario.SyncAsync(option)).Expect(0, "create not-in-vault");

        scenario.AssertHas("web", issued);
        var stored = scenario.Vault.Find("web")!;
        var folder = scenario.Sandbox.Folder;
        if (option.EndsWith("pem", StringComparison.Ordinal))
        {
            Assert.Equal(StoredPolicy.Pem, stored.Policy.ContentType);
            folder.Write("all.pem", stored.Latest.ExportPem());
        }
        else
        {
            await File.WriteAllBytesAsync(folder.Combine("stored.pfx"), stored.Latest.ExportPfx());
            await OpenSslAsync(scenario, "pkcs12", "-info", "-legacy", "-in", "stored.pfx", "-passin", "pass:", "-nodes", "-out", "all.pem");
        }

        folder.Write("message", "signed by the key in the vault");
        await OpenSslAsync(scenario, "x509", "-in", "all.pem", "-pubkey", "-noout", "-out", "leaf.pub");
        await OpenSslAsync(scenario, "dgst", "-sha256", "-sign", "all.pem", "-out", "signature", "message");
        var verified = await OpenSslAsync(scenario, "dgst", "-sha256", "-verify", "leaf.pub", "-signature", "signature", "message");
        Assert.Contains("Verified OK", verified.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--format=pfx")]
    [InlineData(3, "--include-root")]
    public async Task A_chain_in_any_order_with_noise_between_goes_leaf_first_and_its_root_only_when_asked_for(int length, string option)
    {
        var scenario = fixture.New();
        var issued = CertificateIssuer.Issue(new CertificateSpec(scenario.Namespace, "web"));
        var pems = Blocks(issued.ChainPem);
        Assert.Equal(2, pems.Length);
        Put(scenario, "\uFEFFBag Attributes\r\n" + issued.CaPem + "# the issuer\n" + pems[1].ReplaceLineEndings("\r\n") + pems[1] + "  \n" + pems[0], issued.KeyPem, "");

        (await scenario.SyncAsync(option)).Expect(0, "create not-in-vault");

        Assert.Equal([pems[0], pems[1], .. length == 3 ? Blocks(issued.CaPem) : []], Stored(scenario));
    }

    [Fact]
    public async Task What_a_chain_lacks_is_taken_from_ca_crt()
    {
        var scenario = fixture.New();
        var issued = CertificateIssuer.Issue(new CertificateSpec(scenario.Namespace, "web") { Intermediates = 2 });
        var pems = Blocks(issued.ChainPem);
        Assert.Equal(3, pems.Length);
        Put(scenario, pems[0], issued.KeyPem, issued.CaPem + pems[2] + pems[1]);

        Assert.Empty((await scenario.SyncAsync()).Expect(0, "create not-in-vault").Only.Warnings);

        Assert.Equal(pems, Stored(scenario));
    }

    [Fact]
    public async Task A_gap_in_the_chain_is_a_warning_and_with_strict_chain_a_fault()
    {
        var scenario = fixture.New();
        var issued = CertificateIssuer.Issue(new CertificateSpec(scenario.Namespace, "web"));
        Put(scenario, Blocks(issued.ChainPem)[0], issued.KeyPem, "");

        var refused = (await scenario.SyncAsync("--strict-chain")).Only;
        Assert.Equal("refuse", refused.Action);
        Assert.Contains("The chain ends at CN=web", refused.Message, StringComparison.Ordinal);
        Assert.Empty(scenario.Vault.Certificates);

        var sent = (await scenario.SyncAsync()).Expect(0, "create not-in-vault").Only;
        Assert.Contains("The chain ends at CN=web", sent.Warnings, StringComparison.Ordinal);
        Assert.Single(Stored(scenario));
    }

    private static void Put(Scenario scenario, string certificates, string key, string authorities) =>
        scenario.Sandbox.Certificates.Put(new CertificateSpec(scenario.Namespace, "web"), new Dictionary<string, byte[]>
        {
            ["tls.crt"] = Encoding.UTF8.GetBytes(certificates),
            ["tls.key"] = Encoding.ASCII.GetBytes(key),
            ["ca.crt"] = Encoding.ASCII.GetBytes(authorities),
        });

    private static string[] Stored(Scenario scenario) => Blocks(scenario.Vault.Find("web")!.Latest.ExportPem());

    private static string[] Blocks(string pem) =>
        [.. pem.Split("-----BEGIN CERTIFICATE-----").Skip(1).Select(static block => "-----BEGIN CERTIFICATE-----" + block[..block.IndexOf("-----END", StringComparison.Ordinal)] + "-----END CERTIFICATE-----\n")];

    private static async Task<Output> OpenSslAsync(Scenario scenario, params string[] arguments)
    {
        await using var openssl = new BinaryRunner("openssl") { WorkingDirectory = scenario.Sandbox.Folder.Path };
        var output = await openssl.RunAsync(arguments);
        Assert.True(output.ExitCode == 0, output.ToString());
        return output;
    }
}
