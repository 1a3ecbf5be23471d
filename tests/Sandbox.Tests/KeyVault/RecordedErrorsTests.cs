namespace ClusterTrust.Sandbox.Tests.KeyVault;

public sealed class RecordedErrorsTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    /// <summary>Not provoked: creation and secrets are not offered, and the race of two recoveries has no known rule.</summary>
    private static readonly string[] NotOffered = ["bad subject in policy (create)", "recover race", "GET secret with enabled=false"];

    [Fact]
    public async Task Every_recorded_error_is_provoked_and_answered_with_its_codes_and_words()
    {
        foreach (var recorded in Recording.Read("errors.json").AsArray().Where(static error => !NotOffered.Contains((string?)error!["when"])))
        {
            var when = (string)recorded!["when"]!;
            var reply = await ProvokeAsync(when);

            var error = recorded["body"]!["error"]!;
            Assert.True((int)recorded["status"]! == reply.Status, $"{when}: {reply.Status} {reply.Message}");
            Assert.Equal((when, (string?)error["code"], (string?)error["innererror"]?["code"]), (when, reply.Code, reply.InnerCode));
            Assert.Equal(FirstWords((string)error["message"]!), FirstWords(reply.Message!));
        }
    }

    [Fact]
    public async Task Requests_with_a_foreign_token_are_refused()
    {
        var vault = azure.NewVault();
        var client = new VaultClient(azure, vault);
        client.Token = azure.Entra.IssueToken(azure.Application, "https://management.azure.com");
        Assert.StartsWith("AKV10022", (await client.GetAsync("/certificates")).Message, StringComparison.Ordinal);
        client.Token = azure.Token();
        Assert.StartsWith("AKV10046", (await client.GetAsync("/certificates")).Message, StringComparison.Ordinal);
    }

    private async Task<Answer> ProvokeAsync(string when)
    {
        var vault = azure.NewVault();
        var client = new VaultClient(azure, vault);
        using var certificate = TestCertificates.Rsa();
        var pem = new JsonObject { ["secret_props"] = new JsonObject { ["contentType"] = "application/x-pem-file" } };
        switch (when)
        {
            case "no token":
                client.Token = null;
                return await client.GetAsync("/certificates");
            case "token of another tenant":
                return await new VaultClient(azure, vault, caller: azure.Entra.AddApplication(Guid.NewGuid().ToString())).GetAsync("/certificates");
            case "import with a policy that lacks secret_props.contentType":
                return await client.ImportAsync("x", new JsonObject { ["value"] = TestCertificates.PfxText(certificate), ["policy"] = new JsonObject() });
            case "no key, or PEM without content type":
                Assert.Equal(400, (await client.ImportAsync("x", Convert.ToBase64String(TestCertificates.Pfx(X509CertificateLoader.LoadCertificate(certificate.RawData))))).Status);
                return await client.ImportAsync("x", TestCertificates.Pem(certificate));
            case "unreadable PFX or wrong password":
                Assert.Equal(400, (await client.ImportAsync("x", "AAAA")).Status);
                return await client.ImportAsync("x", new JsonObject { ["value"] = Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, "right")), ["pwd"] = "wrong" });
            case "bad PEM (e.g. PKCS#1 key, CRLF, extra text)":
                return await client.ImportAsync("x", new JsonObject { ["value"] = TestCertificates.Pem(certificate).ReplaceLineEndings("\r\n"), ["policy"] = pem });
            case "certificate with unsupported properties":
                using (var brainpool = TestCertificates.Ec(ECCurve.NamedCurves.brainpoolP256r1))
                {
                    return await client.ImportAsync("x", TestCertificates.PfxText(brainpool));
                }

            case "RSA leaf signed by an ECC CA in the PFX":
                using (var authority = TestCertificates.Ec(ECCurve.NamedCurves.nistP256))
                using (var leaf = TestCertificates.Issue(authority, TestCertificates.SharedKey()))
                {
                    return await client.ImportAsync("x", Convert.ToBase64String(TestCertificates.Pfx(leaf, X509CertificateLoader.LoadCertificate(authority.RawData))));
                }

            case "EC certificate whose KeyUsage has keyEncipherment":
                using (var ec = TestCertificates.Ec(ECCurve.NamedCurves.nistP256, request =>
                    request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true))))
                {
                    return await client.ImportAsync("x", TestCertificates.PfxText(ec));
                }

            case "access-policy vault, permission missing":
                vault.Options = vault.Options with { PermissionModel = PermissionModel.AccessPolicy };
                vault.Revoke(azure.Application.ObjectId);
                return await client.ImportAsync("x", TestCertificates.PfxText(certificate));
            case "RBAC vault, no role":
                vault.Revoke(azure.Application.ObjectId);
                return await client.GetAsync("/certificates/codesign");
            case "vault firewall":
                vault.Options = vault.Options with { FirewallClosed = true };
                return await client.GetAsync("/certificates");
            case "GET unknown or deleted certificate":
                return await client.GetAsync("/certificates/X");
            case "GET deletedcertificates/X before deletion is done":
                vault.Options = vault.Options with { DeleteDelay = TimeSpan.FromMinutes(1) };
                vault.Seed("X", certificate);
                vault.Delete("X");
                return await client.GetAsync("/deletedcertificates/X");
            case "import/create over a soft-deleted name":
                vault.Seed("hotsqa", certificate);
                vault.Delete("hotsqa");
                return await client.ImportAsync("hotsqa", TestCertificates.PfxText(certificate));
            case "name used while the delete is still running":
                vault.Options = vault.Options with { DeleteDelay = TimeSpan.FromMinutes(1) };
                vault.Seed("x", certificate);
                vault.Delete("x");
                return await client.ImportAsync("x", TestCertificates.PfxText(certificate));
            case "throttled":
                vault.Options = vault.Options with { Throttle = new ThrottleLimits(Imports: 0) };
                return await client.ImportAsync("x", TestCertificates.PfxText(certificate));
            default:
                throw new InvalidOperationException($"No way is known to provoke '{when}'.");
        }
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
