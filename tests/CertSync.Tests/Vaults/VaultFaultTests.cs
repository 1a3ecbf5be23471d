using System.Net;
using System.Text.Json;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class VaultFaultTests : VaultTest
{
    [Fact]
    public async Task Names_the_role_that_is_missing()
    {
        Rig.Vault.Revoke(Rig.Application.ObjectId);

        var fault = await FaultOf(vault => vault.ListAsync(default));

        Assert.Equal((VaultFault.Forbidden, Reason.VaultForbidden), (fault.Fault, fault.Reason));
        Assert.Equal(
            $"Key Vault prod ({Rig.Vault.Host}) did not list the certificates: the application {Rig.Application.ClientId} has no role that allows it; assign 'Key Vault Certificates Officer' (a4417e6f-fecd-4de8-b567-7b0420556985) on the vault, which takes effect within minutes.",
            fault.Message);
    }

    [Fact]
    public async Task Names_the_permission_that_the_access_policy_lacks()
    {
        Rig.Vault.Options = Rig.Vault.Options with { PermissionModel = PermissionModel.AccessPolicy };
        Rig.Vault.Revoke(Rig.Application.ObjectId, VaultRights.Import);

        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal(VaultFault.Forbidden, fault.Fault);
        Assert.Contains("the certificate permission 'import'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_address_that_the_firewall_does_not_allow()
    {
        Rig.Vault.Options = Rig.Vault.Options with { FirewallClosed = true };

        var fault = await FaultOf(vault => vault.ListAsync(default));

        Assert.Equal(VaultFault.ForbiddenByFirewall, fault.Fault);
        Assert.Contains("does not allow the address 127.0.0.1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "AKV10032: Invalid issuer.", "", VaultFault.SignInFailed, Reason.SignInFailed, "it rejected the token (AKV10032: Invalid issuer)")]
    [InlineData(403, "Public network access is disabled.", "ForbiddenByConnection", VaultFault.ForbiddenByFirewall, Reason.VaultForbidden, "private endpoint")]
    [InlineData(403, "Not authorized.\r\nClient address: 10.0.0.1\u001b[2J", "ForbiddenByFirewall", VaultFault.ForbiddenByFirewall, Reason.VaultForbidden, "does not allow the address 10.0.0.1 [2J;")]
    [InlineData(403, "Access denied. Caller was not found on any access policy.", "AccessDenied", VaultFault.Forbidden, Reason.VaultForbidden, "the certificate permission 'list'")]
    [InlineData(405, "", "", VaultFault.Unsupported, Reason.VaultRejected, "it does not support the operation (status 405)")]
    [InlineData(410, "Gone for good.", "", VaultFault.Rejected, Reason.VaultRejected, "it rejected the request with status 410 (Gone for good)")]
    public async Task Explains_what_the_vault_answers(int status, string message, string code, VaultFault expected, Reason reason, string sentence)
    {
        var vault = FakeAzure.Open(FakeAzure.Challenging(_ => ((HttpStatusCode)status, Error(message, code))));

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ListAsync(default));

        Assert.Equal((expected, reason), (fault.Fault, fault.Reason));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "The specified PKCS#12 X.509 certificate content can not be read.", "", VaultFault.Rejected, ExitCode.Failed, "can not be read")]
    [InlineData(409, "A key with this name exists.", "", VaultFault.Conflict, ExitCode.Failed, "(A key with this name exists)", 4)]
    [InlineData(409, "Secret web is currently in a deleted but recoverable state", "ObjectIsDeletedButRecoverable", VaultFault.HeldByOtherKind, ExitCode.Refused, "a soft-deleted secret, not to a certificate (Secret web is currently in a deleted but recoverable state); purge it with 'az keyvault secret purge")]
    [InlineData(409, "Key web is currently in a deleted but recoverable state", "ObjectIsDeletedButRecoverable", VaultFault.HeldByOtherKind, ExitCode.Refused, "a soft-deleted key, not to a certificate (Key web is currently in a deleted but recoverable state); purge it with 'az keyvault key purge")]
    [InlineData(409, "The name is taken", "ObjectIsDeletedButRecoverable", VaultFault.HeldByOtherKind, ExitCode.Refused, "a soft-deleted secret or key, not to a certificate (The name is taken); purge it with 'az keyvault secret purge")]
    public async Task Explains_why_the_vault_does_not_import(int status, string message, string code, VaultFault expected, ExitCode exitCode, string sentence, int imports = 1)
    {
        var sent = 0;
        var vault = FakeAzure.Open(FakeAzure.Challenging(request => request.Method != HttpMethod.Post ? (HttpStatusCode.NotFound, Error("", ""))
            : ++sent > 0 ? ((HttpStatusCode)status, Error(message, code)) : default));

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal((expected, exitCode, imports), (fault.Fault, fault.ExitCode, sent));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_cure_for_a_key_that_is_rejected_even_with_a_policy()
    {
        var vault = FakeAzure.Open(FakeAzure.Challenging(static _ => (HttpStatusCode.BadRequest, Error("Unsupported key size (2048). Supported sizes are [256, 384, 521]", "KeySizeNotSupported"))));
        var import = KeyVaultCertificatesTests.Import("web") with { KeyPolicy = new KeyPolicy(KeyAlgorithm.Rsa, 2048, "use an RSA issuer") };

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(import, default));

        Assert.Equal((VaultFault.Rejected, ExitCode.Refused), (fault.Fault, fault.ExitCode));
        Assert.Contains("(Unsupported key size (2048). Supported sizes are [256, 384, 521]): use an RSA issuer.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quotes_the_vault_about_a_deleted_certificate()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate);
        Rig.Vault.Delete("web");

        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal((VaultFault.SoftDeleted, Reason.SoftDeleted), (fault.Fault, fault.Reason));
        Assert.StartsWith($"Key Vault prod ({Rig.Vault.Host}) did not import 'web': the name is soft-deleted (", fault.Message, StringComparison.Ordinal);
        Assert.Contains("deleted but recoverable", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("; recover or purge it.", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>A rejected token is sent once more: a vault may accept a new identity's token a moment later.</summary>
    [Fact]
    public async Task Retries_after_throttling_an_outage_and_a_rejected_token()
    {
        Rig.Server.Faults.Next(Fault.TooManyRequests(), 1, Authorized);
        Rig.Server.Faults.Next(Fault.Unavailable(0), 1, Authorized);

        Assert.Empty(await Rig.Open().ListAsync(default));
        Assert.Equal(3, Rig.Requests.Count);

        Rig.Server.Faults.Next(new Fault.Status(401), 1, Authorized);
        Assert.Empty(await Rig.Open().ListAsync(default));
    }

    [Theory]
    [InlineData(429, VaultFault.Throttled)]
    [InlineData(503, VaultFault.Unavailable)]
    [InlineData(500, VaultFault.Unavailable)]
    public async Task Fails_after_the_retries(int status, VaultFault expected)
    {
        Rig.Server.Faults.Next(new Fault.Status(status), 10, Authorized);

        var fault = await FaultOf(vault => vault.ListAsync(default));

        Assert.Equal((expected, Reason.VaultUnavailable), (fault.Fault, fault.Reason));
        Assert.Equal(3, Rig.Requests.Count);
    }

    [Theory]
    [InlineData("<html>Welcome to the network</html>", "text/html")]
    [InlineData("""{"welcome":["to","the","network"]}""", "application/json")]
    public async Task Does_not_mistake_another_response_for_an_empty_vault(string body, string type)
    {
        var signIn = Rig.SignIn(SignInMethod.ClientSecret);
        await Rig.Open(signIn: signIn).ListAsync(default);
        Rig.Server.Faults.Always(new Fault.Status(200, Body: body, ContentType: type));

        foreach (var ask in new Func<KeyVaultCertificates, Task>[] { static vault => vault.ListAsync(default), static vault => vault.FindAsync("web", default) })
        {
            var fault = await Assert.ThrowsAsync<VaultException>(() => ask(Rig.Open(signIn: signIn)));

            Assert.Equal(VaultFault.NotUnderstood, fault.Fault);
            Assert.Contains("is not Key Vault's; check the vault's address", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Imports_after_a_conflict_that_passes()
    {
        Rig.Server.Faults.Next(new Fault.Status(409, Body: "not even JSON"), 2, Authorized);

        await Rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default);

        Assert.NotNull(Rig.Vault.Find("web"));
    }

    [Fact]
    public async Task Names_the_tenant_of_the_vault()
    {
        var elsewhere = Rig.Server.CreateVault($"kv{Guid.NewGuid():N}"[..20], Guid.NewGuid().ToString());

        var fault = await Assert.ThrowsAsync<VaultException>(() => Rig.Open(VaultAddress.Parse(elsewhere.Name, null, out _)).ListAsync(default));

        Assert.Equal((VaultFault.SignInFailed, Reason.SignInFailed, ExitCode.Usage), (fault.Fault, fault.Reason, fault.ExitCode));
        Assert.Contains($"the vault is in tenant {elsewhere.TenantId}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accepts_any_challenge_of_an_emulator_only_if_configured()
    {
        Rig.Server.OnRequest = context =>
        {
            context.Request.Host = new HostString(Rig.Vault.Host);
            return Task.CompletedTask;
        };
        var emulator = VaultAddress.Parse($"https://localhost:{Rig.Server.Port}", null, out _)!;

        var refused = await Assert.ThrowsAsync<VaultException>(() => Rig.Open(emulator).ListAsync(default));
        Assert.Equal((VaultFault.SignInFailed, ExitCode.Usage), (refused.Fault, refused.ExitCode));
        Assert.Contains("--disable-challenge-verification", refused.Message, StringComparison.Ordinal);
        Rig.Settings = Rig.Settings with { DisableChallengeVerification = true };
        Assert.Empty(await Rig.Open(emulator).ListAsync(default));
    }

    internal static bool Authorized(HttpRequest request) => request.Headers.Authorization.Count > 0;

    private static byte[] Error(string message, string innerCode) =>
        JsonSerializer.SerializeToUtf8Bytes(new { error = new { code = "Error", message, innererror = new { code = innerCode } } });

    private async Task<VaultException> FaultOf(Func<ICertificateVault, Task> act)
    {
        var fault = await Assert.ThrowsAsync<VaultException>(() => act(Rig.Open()));
        Assert.DoesNotContain(VaultRig.Secret, fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", fault.ToString(), StringComparison.Ordinal);
        return fault;
    }
}
