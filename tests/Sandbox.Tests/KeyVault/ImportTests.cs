using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Tests.Entra;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

public sealed class ImportTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    private static readonly JsonObject PemPolicy = new() { ["secret_props"] = new JsonObject { ["contentType"] = "application/x-pem-file" } };

    public static TheoryData<string, bool> Encrypted => new() { { "", false }, { "secret", false }, { "", true }, { "secret", true } };

    [Theory]
    [MemberData(nameof(Encrypted))]
    public async Task A_PFX_is_taken_whatever_its_encryption_and_password(string password, bool aes)
    {
        var vault = azure.NewVault();
        using var certificate = TestCertificates.Rsa();
        var pfx = TestCertificates.Pfx(password, aes ? Encryptions.Aes256 : Encryptions.TripleDes, certificate);

        var reply = await new VaultClient(azure, vault).ImportAsync("name", new JsonObject { ["value"] = Convert.ToBase64String(pfx), ["pwd"] = password });

        Assert.True(reply.Status == 200, reply.Message);
        using var stored = vault.Find("name")!.Latest.CertificateWithKey();
        Assert.Equal(certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKey(), stored.GetRSAPrivateKey()!.ExportPkcs8PrivateKey());
    }

    [Theory]
    [InlineData("1.2.840.10045.3.1.7", "P-256", 256)]
    [InlineData("1.3.132.0.34", "P-384", 384)]
    [InlineData("1.3.132.0.35", "P-521", 521)]
    [InlineData("1.3.132.0.10", "P-256K", 256)]
    public async Task Every_curve_Key_Vault_knows_is_taken_as_PFX_and_as_PEM(string curve, string name, int size)
    {
        var client = new VaultClient(azure, azure.NewVault());
        using var certificate = TestCertificates.Ec(ECCurve.CreateFromValue(curve));

        var pfx = await client.ImportAsync("pfx", TestCertificates.PfxText(certificate));
        var pem = await client.ImportAsync("pem", new JsonObject { ["value"] = TestCertificates.Pem(certificate), ["policy"] = PemPolicy.DeepClone() });

        foreach (var reply in new[] { pfx, pem })
        {
            Assert.True(reply.Status == 200, reply.Message);
            var properties = reply.Body!["policy"]!["key_props"]!;
            Assert.Equal(("EC", name, size), ((string?)properties["kty"], (string?)properties["crv"], (int)properties["key_size"]!));
        }
    }

    [Theory]
    [InlineData(false, "leaf, issuer")]
    [InlineData(true, "issuer, leaf")]
    public async Task The_leaf_comes_first_unless_the_order_is_to_be_kept(bool preserve, string order)
    {
        var vault = azure.NewVault();
        using var authority = TestCertificates.Rsa("CN=issuer", TestCertificates.SharedKey(1024));
        using var leaf = TestCertificates.Issue(authority, TestCertificates.SharedKey());
        var pfx = TestCertificates.Pfx("", Encryptions.TripleDes, X509CertificateLoader.LoadCertificate(authority.RawData), leaf);

        await new VaultClient(azure, vault).ImportAsync("name", new JsonObject { ["value"] = Convert.ToBase64String(pfx), ["preserveCertOrder"] = preserve });

        var version = vault.Find("name")!.Latest;
        Assert.Equal(order, string.Join(", ", version.Chain.Select(certificate => certificate.Thumbprint == leaf.Thumbprint ? "leaf" : "issuer")));
        Assert.Equal(leaf.Thumbprint, version.Thumbprint);
        Assert.Equal(version.ChainDer, Pkcs12Info.Decode(version.ExportPfx(), out _).AuthenticatedSafe
            .SelectMany(static contents =>
            {
                if (contents.ConfidentialityMode == Pkcs12ConfidentialityMode.Password)
                {
                    contents.Decrypt("");
                }

                return contents.GetBags();
            })
            .OfType<Pkcs12CertBag>()
            .Select(static bag => bag.GetCertificate().RawData));
    }

    public static TheoryData<string, Func<JsonObject>, string> Flaws => new()
    {
        { "a short RSA key", () => Body(TestCertificates.Rsa(key: TestCertificates.SharedKey(1024))), "Unsupported key size (1024). Supported sizes are [2048, 3072, 4096]" },
        { "an end in the past", () => Body(TestCertificates.Rsa(from: DateTimeOffset.UtcNow.AddDays(-9), to: DateTimeOffset.UtcNow.AddDays(-1))), "expired" },
        { "a long subject", () => Body(TestCertificates.Rsa($"CN={new string('a', 64)}, OU={new string('b', 64)}, O={new string('c', 64)}, L={new string('d', 64)}")), "properties are invalid" },
        { "16 tags", () => With("tags", new JsonObject(Enumerable.Range(0, 16).Select(static i => KeyValuePair.Create($"tag{i}", (JsonNode?)"x")))), "tags" },
        { "a long tag name", () => With("tags", new JsonObject { [new string('a', 257)] = "x" }), "tags" },
        { "a long tag value", () => With("tags", new JsonObject { ["a"] = new string('x', 257) }), "tags" },
        { "a tag that is no text", () => With("tags", new JsonObject { ["a"] = 1 }), "tags" },
        { "a long value", () => With("value", new string('A', 25 * 1024 + 4)), "too long" },
        { "a long password", () => With("pwd", new string('a', 201)), "pwd" },
        { "an unknown content type", () => With("policy", new JsonObject { ["secret_props"] = new JsonObject { ["contentType"] = "text/plain" } }), "contentType" },
        { "no value", () => [], "value" },
        { "a value that is no text", () => With("value", 7), "parameters" },
        { "no base64", () => With("value", "%%%"), "PKCS#12" },
        { "two keys", () => With("value", Convert.ToBase64String(TestCertificates.Pfx("", Encryptions.TripleDes, TestCertificates.Rsa(), TestCertificates.Rsa(key: TestCertificates.SharedKey(1024))))), "only one certificate containing private key" },
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
    [InlineData("a.b")]
    [InlineData("a_b")]
    [InlineData("a%20b")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_name_that_breaks_the_rule_is_refused(string name)
    {
        using var certificate = TestCertificates.Rsa();
        var reply = await new VaultClient(azure, azure.NewVault()).ImportAsync(name, TestCertificates.PfxText(certificate));
        Assert.Equal(400, reply.Status);
        Assert.StartsWith("The request URI contains an invalid name: ", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_further_import_makes_a_version_with_only_the_tags_of_its_request()
    {
        var vault = azure.NewVault();
        var client = new VaultClient(azure, vault);
        using var certificate = TestCertificates.Rsa();
        var first = await client.ImportAsync("Name", new JsonObject { ["value"] = TestCertificates.PfxText(certificate), ["tags"] = new JsonObject { ["a"] = "1" } });
        var second = await client.ImportAsync("nAME", TestCertificates.PfxText(certificate));

        Assert.NotEqual((string?)first.Body!["id"], (string?)second.Body!["id"]);
        Assert.Equal("1", (string?)first.Body["tags"]!["a"]);
        Assert.Null(second.Body["tags"]);
        var stored = Assert.Single(vault.Certificates);
        Assert.Equal(("Name", 2), (stored.Name, stored.Versions.Count));
        Assert.Equal(2, (await client.GetAsync("/certificates/NAME/versions")).Body!["value"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_key_that_must_not_be_exported_stays_in_the_vault()
    {
        var client = new VaultClient(azure, azure.NewVault());
        using var certificate = TestCertificates.Rsa();
        var policy = PemPolicy.DeepClone();
        policy["key_props"] = new JsonObject { ["exportable"] = false };
        await client.ImportAsync("name", new JsonObject { ["value"] = TestCertificates.Pem(certificate), ["policy"] = policy });

        var secret = await client.GetAsync("/secrets/name");

        Assert.Equal($"{certificate.ExportCertificatePem()}\n", (string?)secret.Body!["value"]);
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
}
