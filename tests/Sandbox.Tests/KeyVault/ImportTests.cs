using System.Security.Cryptography.Pkcs;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

public sealed class ImportTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    private static readonly JsonObject PemPolicy = new() { ["secret_props"] = new JsonObject { ["contentType"] = "application/x-pem-file" } };

    private static readonly Pkcs9LocalKeyId Id = new([1]);

    public static TheoryData<string, Func<JsonObject>, string> Flaws => new()
    {
        { "a short RSA key", () => Body(TestCertificates.Rsa(key: TestCertificates.SharedKey(1024))), "Unsupported key size (1024). Supported sizes are [2048, 3072, 4096]" },
        { "an end in the past", () => Body(TestCertificates.Rsa(from: DateTimeOffset.UtcNow.AddDays(-9), to: DateTimeOffset.UtcNow.AddDays(-1))), "expired" },
        { "a long subject", () => Body(TestCertificates.Rsa($"CN={new string('a', 64)}, OU={new string('b', 64)}, O={new string('c', 64)}, L={new string('d', 64)}")), "properties are invalid" },
        { "16 tags", () => With("tags", new JsonObject(Enumerable.Range(0, 16).Select(static i => KeyValuePair.Create($"tag{i}", (JsonNode?)"x")))), "tags" },
        { "a long tag name", () => With("tags", new JsonObject { [new string('a', 257)] = "x" }), "tags" },
        { "a long tag value", () => With("tags", new JsonObject { ["a"] = new string('x', 257) }), "tags" },
        { "a long value", () => With("value", new string('A', 25 * 1024 + 4)), "too long" },
        { "an unknown content type", () => With("policy", new JsonObject { ["secret_props"] = new JsonObject { ["contentType"] = "text/plain" } }), "contentType" },
        { "no value", () => [], "value" },
        { "no base64", () => With("value", "%%%"), "PKCS#12" },
        { "two keys", () => With("value", Convert.ToBase64String(TestCertificates.Pfx(TestCertificates.Rsa(), TestCertificates.Rsa(key: TestCertificates.SharedKey(1024))))), "only one certificate containing private key" },
        { "a PFX with another's key", () => With("value", Convert.ToBase64String(Pfx(contents => contents.AddKeyUnencrypted(TestCertificates.SharedKey(1024)).Attributes.Add(Id)))), "No certificate with private key" },
        { "a PFX with a key of no certificate", () => With("value", Convert.ToBase64String(PfxWithSpareKey())), "only one certificate containing private key" },
        { "a PKCS#1 key", () => Pem(static certificate => $"{certificate.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n"), "valid PEM format" },
        { "text between PEM blocks", () => Pem(static certificate => $"Subject: x\n{TestCertificates.Pem(certificate)}"), "valid PEM format" },
        { "text after PEM blocks", () => Pem(static certificate => $"{TestCertificates.Pem(certificate)}# end\n"), "valid PEM format" },
        { "PEM without a key", () => Pem(static certificate => certificate.ExportCertificatePem()), "No certificate with private key" },
        { "PEM with another's key", () => Pem(static certificate => $"{TestCertificates.SharedKey(1024).ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}"), "No certificate with private key" },
        { "an Ed25519 key", () => Pem(static certificate => $"{Ed25519Key()}\n{certificate.ExportCertificatePem()}"), "properties are invalid" },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task An_import_with_a_flaw_is_refused(string flaw, Func<JsonObject> body, string words)
    {
        var vault = azure.NewVault();

        var reply = await new VaultClient(azure, vault).ImportAsync("name", body());

        Assert.True(reply is { Status: 400, Code: "BadParameter" }, $"{flaw}: {reply.Status} {reply.Message}");
        Assert.Contains(words, reply.Message, StringComparison.Ordinal);
        Assert.Empty(vault.Certificates);
    }

    [Theory]
    [InlineData("7.4", false)]
    [InlineData("7.6", true)]
    [InlineData("2026-04-01", true)]
    public async Task A_chain_keeps_the_order_of_the_file_until_the_version_that_puts_the_leaf_first(string apiVersion, bool leafFirst)
    {
        var vault = azure.NewVault();
        var client = new VaultClient(azure, vault, apiVersion);
        using var authority = TestCertificates.Ec(ECCurve.NamedCurves.nistP256);
        using var issuer = X509CertificateLoader.LoadCertificate(authority.RawData);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = TestCertificates.Issue(authority, key);

        // .NET writes the last certificate first.
        await client.ImportAsync("pfx", Convert.ToBase64String(TestCertificates.Pfx(leaf, issuer)));
        await client.ImportAsync("pem", new JsonObject { ["value"] = $"{issuer.ExportCertificatePem()}\n{TestCertificates.Pem(leaf)}", ["policy"] = PemPolicy.DeepClone() });

        string[] order = leafFirst ? [leaf.Thumbprint, issuer.Thumbprint] : [issuer.Thumbprint, leaf.Thumbprint];
        Assert.All(["pfx", "pem"], name => Assert.Equal(order, vault.Find(name)!.Latest.Chain.Select(static certificate => certificate.Thumbprint)));
        Assert.All(["pfx", "pem"], name => Assert.Equal(leaf.Thumbprint, vault.Find(name)!.Latest.Thumbprint));
    }

    [Fact]
    public async Task A_further_import_makes_a_version_with_only_the_tags_of_its_request()
    {
        var vault = azure.NewVault();
        var client = new VaultClient(azure, vault);
        using var certificate = TestCertificates.Rsa();
        var first = await client.ImportAsync("Name", new JsonObject { ["value"] = TestCertificates.PfxText(certificate), ["tags"] = new JsonObject { ["a"] = "1" } });
        var second = await client.ImportAsync("nAME", TestCertificates.PfxText(certificate));

        Assert.NotEqual((string?)first.Json["id"], (string?)second.Json["id"]);
        Assert.Equal("1", (string?)first.Json["tags"]!["a"]);
        Assert.Null(second.Json["tags"]);
        var stored = Assert.Single(vault.Certificates);
        Assert.Equal(("Name", 2), (stored.Name, stored.Versions.Count));
        Assert.Equal(2, (await client.GetAsync("/certificates/NAME/versions")).Json["value"]!.AsArray().Count);
    }

    private static JsonObject Body(X509Certificate2 certificate) => new() { ["value"] = TestCertificates.PfxText(certificate) };

    private static JsonObject With(string name, JsonNode value)
    {
        var body = Body(TestCertificates.Rsa());
        body[name] = value;
        return body;
    }

    private static JsonObject Pem(Func<X509Certificate2, string> write) => new() { ["value"] = write(TestCertificates.Rsa()), ["policy"] = PemPolicy.DeepClone() };

    /// <summary>A PKCS#8 key (RFC 8410) of random bytes; .NET cannot make one.</summary>
    private static string Ed25519Key() => PemEncoding.WriteString(
        "PRIVATE KEY",
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, .. RandomNumberGenerator.GetBytes(32)]);

    /// <summary>A certificate and its key, which a localKeyId says belong together, and a key that belongs to none.</summary>
    private static byte[] PfxWithSpareKey() => Pfx(static contents =>
    {
        contents.AddKeyUnencrypted(TestCertificates.SharedKey()).Attributes.Add(Id);
        contents.AddKeyUnencrypted(TestCertificates.SharedKey(1024));
    });

    /// <summary>A certificate with a localKeyId, and keys.</summary>
    private static byte[] Pfx(Action<Pkcs12SafeContents> addKeys)
    {
        var contents = new Pkcs12SafeContents();
        contents.AddCertificate(TestCertificates.Rsa()).Attributes.Add(Id);
        addKeys(contents);
        var builder = new Pkcs12Builder();
        builder.AddSafeContentsUnencrypted(contents);
        builder.SealWithMac("", HashAlgorithmName.SHA1, 1);
        return builder.Encode();
    }
}
