using System.Security.Cryptography.Pkcs;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

public sealed class ErrorTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    /// <summary>Not provoked: creation and secrets are not offered, and the race of two recoveries has no known rule.</summary>
    private static readonly string[] NotOffered = ["bad subject in policy (create)", "GET secret with enabled=false", "recover race"];

    private static readonly Dictionary<string, Func<VaultClient, Task<Answer>>> Provocations = new()
    {
        ["no token"] = client => client.As(null).GetAsync("/certificates"),
        ["token of another tenant"] = client => client.As(client.Entra.IssueToken(client.Entra.AddApplication("another"))).GetAsync("/certificates"),
        ["import with a policy that lacks secret_props.contentType"] = client => client.ImportAsync("x", With("policy", new JsonObject())),
        ["no key, or PEM without content type"] = client => client.ImportAsync("x", With("value", TestCertificates.Pem(TestCertificates.Rsa()))),
        ["unreadable PFX or wrong password"] = client => client.ImportAsync("x", With("pwd", "wrong")),
        ["bad PEM (e.g. PKCS#1 key, CRLF, extra text)"] = client => client.ImportAsync("x", OfPem(static certificate => TestCertificates.Pem(certificate).ReplaceLineEndings("\r\n"))),
        ["certificate with unsupported properties"] = client => client.ImportAsync("x", Body(TestCertificates.Ec(ECCurve.NamedCurves.brainpoolP256r1))),
        ["RSA leaf signed by an ECC CA in the PFX"] = client => client.ImportAsync("x", Body(TestCertificates.RsaSignedByEc())),
        ["EC certificate whose KeyUsage has keyEncipherment"] = client => client.ImportAsync(
            "x", Body(TestCertificates.Ec(ECCurve.NamedCurves.nistP256, X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment))),
        ["access-policy vault, permission missing"] = client =>
            client.With(static options => options with { PermissionModel = PermissionModel.AccessPolicy }).WithoutRights().ImportAsync("x", []),
        ["RBAC vault, no role"] = client => client.WithoutRights().GetAsync("/certificates/codesign"),
        ["vault firewall"] = client => client.With(static options => options with { FirewallClosed = true }).GetAsync("/certificates"),
        ["GET unknown or deleted certificate"] = client => client.GetAsync("/certificates/X"),
        ["GET deletedcertificates/X before deletion is done"] = client => Deleting(client, "X").GetAsync("/deletedcertificates/X"),
        ["import/create over a soft-deleted name"] = client => Deleted(client, "hotsqa").ImportAsync("hotsqa", Body(TestCertificates.Rsa())),
        ["name used while the delete is still running"] = client => Deleting(client, "x").ImportAsync("x", Body(TestCertificates.Rsa())),
        ["throttled"] = client => client.With(static options => options with { Throttle = new ThrottleLimits(Imports: 0) }).ImportAsync("x", []),
    };

    public static TheoryData<string, Func<JsonObject>, string> Flaws => new()
    {
        { "a short RSA key", () => Body(TestCertificates.Rsa(key: TestCertificates.SharedKey(1024))), "Unsupported key size (1024). Supported sizes are [2048, 3072, 4096]" },
        { "an end in the past", () => Body(TestCertificates.Rsa(from: DateTimeOffset.UtcNow.AddDays(-9), to: DateTimeOffset.UtcNow.AddDays(-1))), "expired" },
        { "a long subject", () => Body(TestCertificates.Rsa($"CN={new string('a', 64)}, OU={new string('b', 64)}, O={new string('c', 64)}, L={new string('d', 64)}")), "properties are invalid" },
        { "16 tags", () => With("tags", new JsonObject(Enumerable.Range(0, 16).Select(static i => KeyValuePair.Create($"tag{i}", (JsonNode?)"x")))), "tags" },
        { "a long tag name", () => With("tags", new JsonObject { [new string('a', 257)] = "x" }), "tags" },
        { "a long tag value", () => With("tags", new JsonObject { ["a"] = new string('x', 257) }), "tags" },
        { "a long value", () => With("value", new string('A', 25 * 1024 + 4)), "too long" },
        { "an unknown content type", () => With("policy", Policy("text/plain")), "contentType" },
        { "no value", () => [], "value" },
        { "no base64", () => With("value", "%%%"), "PKCS#12" },
        { "no PFX", () => With("value", "AAAA"), "PKCS#12" },
        { "a PFX without a key", () => Body(X509CertificateLoader.LoadCertificate(TestCertificates.Rsa().RawData)), "No certificate with private key" },
        { "two keys", () => Body(TestCertificates.Rsa(), TestCertificates.Rsa(key: TestCertificates.SharedKey(1024))), "only one certificate containing private key" },
        { "a PFX with another's key", () => With("value", Pfx(TestCertificates.SharedKey(1024))), "No certificate with private key" },
        { "a PFX with a key of no certificate", () => With("value", Pfx(TestCertificates.SharedKey(), TestCertificates.SharedKey(1024))), "only one certificate containing private key" },
        { "a PKCS#1 key", () => OfPem(static certificate => $"{certificate.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n"), "valid PEM format" },
        { "text between PEM blocks", () => OfPem(static certificate => $"Subject: x\n{TestCertificates.Pem(certificate)}"), "valid PEM format" },
        { "text after PEM blocks", () => OfPem(static certificate => $"{TestCertificates.Pem(certificate)}# end\n"), "valid PEM format" },
        { "PEM without a key", () => OfPem(static certificate => certificate.ExportCertificatePem()), "No certificate with private key" },
        { "PEM with another's key", () => OfPem(static certificate => $"{TestCertificates.SharedKey(1024).ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}"), "No certificate with private key" },
        { "an Ed25519 key", () => OfPem(static certificate => $"{Ed25519Key()}\n{certificate.ExportCertificatePem()}"), "properties are invalid" },
    };

    [Fact]
    public async Task Every_recorded_error_is_provoked_and_answered_with_its_codes_and_words()
    {
        var recorded = Recording.Read("errors.json").AsArray().ToDictionary(static one => (string)one!["when"]!, static one => one!);
        Assert.Equal(NotOffered, recorded.Keys.Except(Provocations.Keys));
        foreach (var (when, provoke) in Provocations)
        {
            var (reply, error) = (await provoke(new VaultClient(azure)), recorded[when]["body"]!["error"]!);
            Assert.Equal(
                (when, (int)recorded[when]["status"]!, (string?)error["code"], (string?)error["innererror"]?["code"], FirstWords((string)error["message"]!)),
                (when, reply.Status, reply.Code, reply.InnerCode, FirstWords(reply.Message!)));
        }
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task An_import_with_a_flaw_is_refused(string flaw, Func<JsonObject> body, string words)
    {
        var client = new VaultClient(azure);
        var reply = await client.ImportAsync("name", body());
        Assert.True(reply is { Status: 400, Code: "BadParameter" }, $"{flaw}: {reply.Status} {reply.Message}");
        Assert.Contains(words, reply.Message, StringComparison.Ordinal);
        Assert.Empty(client.Vault.Certificates);
    }

    [Fact]
    public async Task Requests_with_a_foreign_token_are_refused()
    {
        var client = new VaultClient(azure);
        Assert.StartsWith("AKV10022", (await client.As(azure.Entra.IssueToken(azure.Application, "https://management.azure.com")).GetAsync("/certificates")).Message, StringComparison.Ordinal);
        Assert.StartsWith("AKV10046", (await client.As(azure.Token()).GetAsync("/certificates")).Message, StringComparison.Ordinal);
    }

    private static JsonObject Policy(string contentType) => new() { ["secret_props"] = new JsonObject { ["contentType"] = contentType } };

    private static JsonObject Body(params X509Certificate2[] certificates) => new() { ["value"] = TestCertificates.Pfx(certificates) };

    private static JsonObject With(string name, JsonNode value)
    {
        var body = Body(TestCertificates.Rsa());
        body[name] = value;
        return body;
    }

    private static JsonObject OfPem(Func<X509Certificate2, string> write) => new() { ["value"] = write(TestCertificates.Rsa()), ["policy"] = Policy("application/x-pem-file") };

    private static VaultClient Deleting(VaultClient client, string name) => Deleted(client.With(static options => options with { DeleteDelay = TimeSpan.FromMinutes(1) }), name);

    private static VaultClient Deleted(VaultClient client, string name)
    {
        client.Vault.Seed(name, TestCertificates.Rsa());
        client.Vault.Delete(name);
        return client;
    }

    /// <summary>A PKCS#8 key (RFC 8410) of random bytes; .NET cannot make one.</summary>
    private static string Ed25519Key() => PemEncoding.WriteString(
        "PRIVATE KEY",
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, .. RandomNumberGenerator.GetBytes(32)]);

    /// <summary>A certificate, a key that belongs to it by its localKeyId, and keys that belong to none.</summary>
    private static string Pfx(RSA own, params RSA[] spare)
    {
        var contents = new Pkcs12SafeContents();
        contents.AddCertificate(TestCertificates.Rsa()).Attributes.Add(new Pkcs9LocalKeyId([1]));
        contents.AddKeyUnencrypted(own).Attributes.Add(new Pkcs9LocalKeyId([1]));
        Array.ForEach(spare, key => contents.AddKeyUnencrypted(key));
        var builder = new Pkcs12Builder();
        builder.AddSafeContentsUnencrypted(contents);
        builder.SealWithMac("", HashAlgorithmName.SHA1, 1);
        return Convert.ToBase64String(builder.Encode());
    }

    /// <summary>The text up to where it names things that differ: callers, vaults, kinds of objects.</summary>
    private static string FirstWords(string message) => message switch
    {
        _ when message.EndsWith(" is currently being deleted.", StringComparison.Ordinal) => "is currently being deleted.",
        _ when message.StartsWith("AKV10032", StringComparison.Ordinal) => message[..message.IndexOf(" https", StringComparison.Ordinal)],
        _ when message.IndexOf("Caller: ", StringComparison.Ordinal) is >= 0 and var caller && message.Contains("Action:", StringComparison.Ordinal) => message[..caller],
        _ when message.StartsWith("Client address", StringComparison.Ordinal) => message[..message.IndexOf("\r\n", StringComparison.Ordinal)],
        _ when message.StartsWith("The user, group or application", StringComparison.Ordinal) => message[message.IndexOf("does not have", StringComparison.Ordinal)..message.IndexOf(" on key vault", StringComparison.Ordinal)],
        _ => message,
    };
}
