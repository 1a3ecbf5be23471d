using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>What a vault refuses; <see cref="VaultConnectionTests"/> has those that do not answer.</summary>
public sealed class VaultFaultTests : VaultTest
{
    private const string SoftDeleted = "ObjectIsDeletedButRecoverable";
    private const string NotKeyVault = "is not Key Vault's; check the vault's address";

    [Fact]
    public async Task Names_the_role_that_is_missing()
    {
        Vault.Revoke(Application.ObjectId);
        var fault = await AssertFaultAsync(VaultFault.Forbidden, "", () => Open().ListAsync(default));
        Assert.Equal(Reason.VaultForbidden, fault.Reason);
        Assert.Equal(
            $"Key Vault prod ({Vault.Host}) did not list the certificates: the application {Application.ClientId} has no role that allows 'Microsoft.KeyVault/vaults/certificates/read'; assign 'Key Vault Certificates Officer' (a4417e6f-fecd-4de8-b567-7b0420556985) on the vault, which takes effect within minutes.",
            fault.Message);
    }

    [Fact]
    public Task Names_the_permission_that_the_access_policy_lacks()
    {
        Vault.Options = Vault.Options with { PermissionModel = PermissionModel.AccessPolicy };
        Vault.Revoke(Application.ObjectId, VaultRights.Import);
        return AssertFaultAsync(VaultFault.Forbidden, "the certificate permission 'import'", () => Open().ImportAsync(Import("web"), default));
    }

    [Theory]
    [InlineData(401, "AKV10032: Invalid issuer.", "", VaultFault.SignInFailed, Reason.SignInFailed, "it rejected the token (AKV10032: Invalid issuer)")]
    [InlineData(401, "", "", VaultFault.SignInFailed, Reason.SignInFailed, "it answered 401 without the challenge and the message that Key Vault sends; check the vault's address, HTTPS_PROXY,")]
    [InlineData(403, "Public network access is disabled.", "ForbiddenByConnection", VaultFault.ForbiddenByFirewall, Reason.VaultForbidden, "private endpoint")]
    [InlineData(403, "Not authorized.\r\nClient address: 10.0.0.1\u001b[2J", "ForbiddenByFirewall", VaultFault.ForbiddenByFirewall, Reason.VaultForbidden, "does not allow the address 10.0.0.1 [2J;")]
    [InlineData(403, "Access denied. Caller was not found on any access policy.", "AccessDenied", VaultFault.Forbidden, Reason.VaultForbidden, "the certificate permission 'list'")]
    [InlineData(403, "", "", VaultFault.Forbidden, Reason.VaultForbidden, "it is forbidden, without the message that Key Vault sends; check the vault's address, HTTPS_PROXY,")]
    [InlineData(405, "", "", VaultFault.Unsupported, Reason.VaultRejected, "it does not support the operation (status 405)")]
    [InlineData(400, "", "", VaultFault.Rejected, Reason.VaultRejected, "it rejected the request with status 400 and without a message; check the vault's address")]
    [InlineData(410, "Gone for good.", "", VaultFault.Rejected, Reason.VaultRejected, "it rejected the request with status 410 (Gone for good)")]
    public async Task Explains_what_the_vault_answers(int status, string message, string code, VaultFault expected, Reason reason, string sentence)
    {
        var azure = FakeAzure.Vault(_ => Error(status, message, code));
        Assert.Equal(reason, (await AssertFaultAsync(expected, sentence, () => azure.Open().ListAsync(default))).Reason);
    }

    [Theory]
    [InlineData(400, "The specified PKCS#12 X.509 certificate content can not be read.", "", VaultFault.Rejected, ExitCode.Failed, "can not be read")]
    [InlineData(307, "", "", VaultFault.NotUnderstood, ExitCode.Failed, NotKeyVault)]
    [InlineData(409, "A key with this name exists.", "", VaultFault.Rejected, ExitCode.Refused, "no certificate has the name, but a secret or key does (A key with this name exists); give the certificate another name", 4)]
    [InlineData(409, "A new key vault certificate can not be created or imported while a pending key vault certificate's status is inProgress.", "", VaultFault.Conflict, ExitCode.Failed, "(A new key vault certificate can not be", 4)]
    [InlineData(409, "Secret pending is currently in a deleted but recoverable state", SoftDeleted, VaultFault.HeldByOtherKind, ExitCode.Refused, "a soft-deleted secret, not to a certificate (Secret pending is currently in a deleted but recoverable state); purge it with 'az keyvault secret purge")]
    [InlineData(409, "Key web is currently in a deleted but recoverable state", SoftDeleted, VaultFault.HeldByOtherKind, ExitCode.Refused, "a soft-deleted key, not to a certificate (Key web is currently in a deleted but recoverable state); purge it with 'az keyvault key purge")]
    [InlineData(409, "The name is taken", SoftDeleted, VaultFault.HeldByOtherKind, ExitCode.Refused, "a soft-deleted secret or key, not to a certificate (The name is taken); purge it with 'az keyvault secret purge")]
    public async Task Explains_why_the_vault_does_not_import(int status, string message, string code, VaultFault expected, ExitCode exitCode, string sentence, int imports = 1)
    {
        var azure = FakeAzure.Vault(request => request.Method == HttpMethod.Post ? Error(status, message, code) : Error(404));
        var fault = await AssertFaultAsync(expected, sentence, () => azure.Open().ImportAsync(Import("web"), default));
        Assert.Equal((exitCode, imports), (fault.ExitCode, azure.Requests.Count(static request => request.StartsWith("POST", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_conflict_about_a_certificate_may_pass()
    {
        var azure = FakeAzure.Vault(static request => request.Method == HttpMethod.Post ? Error(409, "A certificate operation is in progress.")
            : request.RequestUri!.AbsolutePath.StartsWith("/deleted", StringComparison.Ordinal) ? Error(404)
            : FakeAzure.Json("""{"id":"https://kv.vault.azure.net/certificates/web/0"}"""));
        var fault = await AssertFaultAsync(VaultFault.Conflict, "(A certificate operation is in progress)", () => azure.Open().ImportAsync(Import("web"), default));
        Assert.Equal(ExitCode.Failed, fault.ExitCode);
    }

    [Theory]
    [InlineData("3600", "it throttles the requests until ")]
    [InlineData("99999999999999999999", "it throttles the requests until ")]
    [InlineData("NaN", "it still throttled the requests after 0 retries")]
    [InlineData("", "it still throttled the requests after 0 retries")]
    public Task A_vault_that_is_not_waited_for_is_not_said_to_have_refused_retries(string wait, string sentence)
    {
        var azure = FakeAzure.Vault(_ =>
        {
            var throttled = Error(429);
            throttled.Headers.TryAddWithoutValidation("Retry-After", wait);
            return throttled;
        });
        return AssertFaultAsync(VaultFault.Throttled, sentence, () => azure.Open().ListAsync(default));
    }

    [Fact]
    public async Task A_401_with_a_challenge_rejects_the_token()
    {
        using var azure = new FakeAzure(FakeAzure.Challenge);
        await AssertFaultAsync(VaultFault.SignInFailed, "it rejected the token; check that the vault is in the tenant", () => azure.Open().ListAsync(default));
    }

    [Fact]
    public async Task Names_the_cure_for_a_key_that_is_rejected_even_with_a_policy()
    {
        var azure = FakeAzure.Vault(static _ => Error(400, "Unsupported key size (2048). Supported sizes are [256, 384, 521]", "KeySizeNotSupported"));
        var import = Import("web") with { KeyPolicy = new KeyPolicy(IsRsa: true, 2048, "use an RSA issuer") };
        var fault = await AssertFaultAsync(
            VaultFault.Rejected, "(Unsupported key size (2048). Supported sizes are [256, 384, 521]): use an RSA issuer.", () => azure.Open().ImportAsync(import, default));
        Assert.Equal(ExitCode.Refused, fault.ExitCode);

        // A redirect does not concern the key.
        azure = FakeAzure.Vault(static _ => Error(307));
        await AssertFaultAsync(VaultFault.NotUnderstood, NotKeyVault, () => azure.Open().ImportAsync(import, default));
    }

    [Fact]
    public async Task Quotes_the_vault_about_a_deleted_certificate()
    {
        Vault.Seed("web", Pki.Leaf.Certificate);
        Vault.Delete("web");
        var fault = await AssertFaultAsync(VaultFault.SoftDeleted, "deleted but recoverable", () => Open().ImportAsync(Import("web"), default));
        Assert.Equal(Reason.SoftDeleted, fault.Reason);
        Assert.StartsWith($"Key Vault prod ({Vault.Host}) did not import 'web': the name is soft-deleted (", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("; recover or purge it.", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(307, "")]
    [InlineData(204, "")]
    [InlineData(200, "<html>Welcome to the network</html>")]
    [InlineData(200, """{"welcome":["to","the","network"]}""")]
    [InlineData(200, """{"value":null,"id":null,"nextLink":null}""")]
    [InlineData(200, """{"value":{},"id":5}""")]
    public async Task Does_not_mistake_another_response_for_an_empty_vault(int status, string body)
    {
        var vault = FakeAzure.Vault(_ => FakeAzure.Json(body, status)).Open();
        string[] many = [.. Enumerable.Range(0, 20).Select(static number => $"cert-{number}")];
        foreach (var ask in new Func<Task>[]
        {
            () => vault.ListAsync(default), () => vault.FindAsync("web", default), () => vault.FindDeletedAsync(["web"], default), () => vault.FindDeletedAsync(many, default),
        })
        {
            await AssertFaultAsync(VaultFault.NotUnderstood, NotKeyVault, ask);
        }
    }

    [Theory]
    [InlineData("""{"error":{"code":"CertificateNotFound","message":"A certificate with (name/id) web was not found in this key vault."}}""", true)]
    [InlineData("""{"error":{"code":"Failed to perform request into Azure Key Vault Emulator","innererror":null,"message":"Could not find web"}}""", true)]
    [InlineData("<html>404 Not Found</html>", false)]
    [InlineData("", false)]
    [InlineData("""{"statusCode":404,"message":"Resource not found"}""", false)]
    [InlineData("""{"error":{"code":404,"message":"not found"}}""", false)]
    public async Task Only_a_404_of_Key_Vault_says_that_there_is_no_certificate(string body, bool isKeyVault)
    {
        var vault = FakeAzure.Vault(_ => FakeAzure.Json(body, 404)).Open();
        if (isKeyVault)
        {
            Assert.Null(await vault.FindAsync("web", default));
            await vault.DeleteAsync("web", default);
        }
        else
        {
            await AssertFaultAsync(VaultFault.NotUnderstood, NotKeyVault, () => vault.FindAsync("web", default));
            await AssertFaultAsync(VaultFault.NotUnderstood, NotKeyVault, () => vault.DeleteAsync("web", default));
            Assert.Null(await vault.FindDeletedAsync(["web"], default));
        }
    }

    [Fact]
    public async Task Imports_after_a_conflict_that_passes()
    {
        Server.Faults.Next(new Fault.Status(409, Body: "not even JSON"), 2, Authorized);
        await Open().ImportAsync(Import("web"), default);
        Assert.NotNull(Vault.Find("web"));
    }

    [Fact]
    public async Task Names_the_tenant_of_the_vault()
    {
        var elsewhere = Server.CreateVault($"kv{Guid.NewGuid():N}"[..20], Guid.NewGuid().ToString());
        Azure.Routes.Add(elsewhere.Host, Server);
        var fault = await AssertFaultAsync(
            VaultFault.SignInFailed, $"the vault is in tenant {elsewhere.TenantId}", () => Open(VaultAddress.Parse(elsewhere.Name, null).Value).ListAsync(default));
        Assert.Equal((Reason.SignInFailed, ExitCode.Usage), (fault.Reason, fault.ExitCode));
    }

    [Fact]
    public async Task Accepts_any_challenge_of_an_emulator_only_if_configured()
    {
        Server.OnRequest = context =>
        {
            context.Request.Host = new HostString(Vault.Host);
            return Task.CompletedTask;
        };
        Azure.Routes.Add("localhost", Server);
        var emulator = VaultAddress.Parse($"https://localhost:{Server.Port}", null).Value;
        var refused = await AssertFaultAsync(VaultFault.SignInFailed, "--disable-challenge-verification", () => Open(emulator).ListAsync(default));
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Settings = Settings with { DisableChallengeVerification = true };
        Assert.Empty(await Open(emulator).ListAsync(default));
    }

    private static HttpResponseMessage Error(int status, string message = "", string innerCode = "") => FakeAzure.Json(
        JsonSerializer.SerializeToUtf8Bytes(new { error = new { code = "Error", message, innererror = new { code = innerCode } } }), status);
}
