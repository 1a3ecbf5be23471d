using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class VaultFaultTests : IAsyncLifetime
{
    private const string ByConnection =
        """{"error":{"code":"Forbidden","message":"Public network access is disabled and request is not from a trusted service nor via an approved private link.","innererror":{"code":"ForbiddenByConnection"}}}""";

    private VaultRig rig = null!;

    public async Task InitializeAsync() => rig = await VaultRig.StartAsync();

    public Task DisposeAsync() => rig.DisposeAsync().AsTask();

    [Fact]
    public async Task Names_the_role_that_is_missing()
    {
        rig.Vault.Revoke(rig.Application.ObjectId);

        var fault = await FaultOf(vault => vault.ListAsync(default));

        Assert.Equal((VaultFault.ForbiddenByRbac, Reason.VaultForbidden), (fault.Fault, fault.Reason));
        Assert.Equal(
            $"Key Vault prod ({rig.Vault.Host}) did not list the certificates: the application {rig.Application.ClientId} has no role that allows it; assign it 'Key Vault Certificates Officer' (a4417e6f-fecd-4de8-b567-7b0420556985) on the vault, which takes effect within minutes.",
            fault.Message);
    }

    [Fact]
    public async Task Names_the_permission_an_access_policy_lacks()
    {
        rig.Vault.Options = rig.Vault.Options with { PermissionModel = PermissionModel.AccessPolicy };
        rig.Vault.Revoke(rig.Application.ObjectId, VaultRights.Import);

        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal(VaultFault.ForbiddenByPolicy, fault.Fault);
        Assert.Contains("the certificate permission 'import'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_address_a_firewall_does_not_admit()
    {
        rig.Vault.Options = rig.Vault.Options with { FirewallClosed = true };

        var fault = await FaultOf(vault => vault.ListAsync(default));

        Assert.Equal(VaultFault.ForbiddenByFirewall, fault.Fault);
        Assert.Contains("does not admit the address 127.0.0.1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_a_vault_without_public_access_apart()
    {
        rig.Server.Faults.Next(new Fault.Status(403, Body: ByConnection), 1, Authorized);

        var fault = await FaultOf(vault => vault.ListAsync(default));

        Assert.Equal(VaultFault.ForbiddenByFirewall, fault.Fault);
        Assert.Contains("private endpoint", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Goes_on_after_being_throttled_and_after_an_outage()
    {
        rig.Server.Faults.Next(Fault.TooManyRequests(), 1, Authorized);
        rig.Server.Faults.Next(Fault.Unavailable(0), 1, Authorized);

        Assert.Empty(await rig.Open().ListAsync(default));

        Assert.Equal(3, rig.Requests.Count);
    }

    [Theory]
    [InlineData(429, VaultFault.Throttled)]
    [InlineData(503, VaultFault.Unavailable)]
    [InlineData(500, VaultFault.Unavailable)]
    public async Task Gives_up_when_the_vault_goes_on_failing(int status, VaultFault expected)
    {
        rig.Server.Faults.Next(new Fault.Status(status), 10, Authorized);

        var fault = await FaultOf(vault => vault.ListAsync(default));

        Assert.Equal((expected, Reason.VaultUnavailable), (fault.Fault, fault.Reason));
        Assert.Equal(3, rig.Requests.Count);
    }

    [Theory]
    [InlineData("<html>Welcome to the network</html>", "text/html")]
    [InlineData("""{"welcome":["to","the","network"]}""", "application/json")]
    public async Task Does_not_take_another_s_answer_for_an_empty_vault(string body, string type)
    {
        var signIn = rig.SignIn(SignInMethod.ClientSecret);
        await rig.Open(signIn: signIn).ListAsync(default);
        rig.Server.Faults.Always(new Fault.Status(200, Body: body, ContentType: type));

        foreach (var ask in new Func<KeyVaultCertificates, Task>[] { static vault => vault.ListAsync(default), static vault => vault.FindAsync("web", default) })
        {
            var fault = await Assert.ThrowsAsync<VaultException>(() => ask(rig.Open(signIn: signIn)));

            Assert.Equal(VaultFault.NotUnderstood, fault.Fault);
            Assert.Contains("is not Key Vault; check the vault's address", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Repeats_what_the_vault_says_of_a_request_it_refuses()
    {
        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web") with { Content = "no PFX"u8.ToArray() }, default));

        Assert.Equal((VaultFault.Rejected, Reason.VaultRejected), (fault.Fault, fault.Reason));
        Assert.Contains("can not be read", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_a_conflict_that_does_not_go_away()
    {
        rig.Server.Faults.Next(new Fault.Status(409, Body: """{"error":{"code":"Conflict","message":"A key with this name exists."}}"""), 10, Authorized);

        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal(VaultFault.Conflict, fault.Fault);
        Assert.Contains("(A key with this name exists)", fault.Message, StringComparison.Ordinal);
        Assert.Equal(4, rig.Requests.Count);
    }

    [Fact]
    public async Task Goes_on_after_a_conflict_that_passes()
    {
        rig.Server.Faults.Next(new Fault.Status(409, Body: "not even JSON"), 2, Authorized);

        await rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default);

        Assert.NotNull(rig.Vault.Find("web"));
    }

    [Fact]
    public async Task Says_in_which_tenant_the_vault_is()
    {
        var elsewhere = rig.Server.CreateVault($"kv{Guid.NewGuid():N}"[..20], Guid.NewGuid().ToString());

        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.Open(VaultAddress.Parse(elsewhere.Name, null, out _)).ListAsync(default));

        Assert.Equal((VaultFault.SignInFailed, Reason.SignInFailed, ExitCode.Usage), (fault.Fault, fault.Reason, fault.ExitCode));
        Assert.Contains($"the vault is in tenant {elsewhere.TenantId}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_emulator_is_taken_with_any_challenge_only_when_told_so()
    {
        rig.Server.OnRequest = context =>
        {
            context.Request.Host = new HostString(rig.Vault.Host);
            return Task.CompletedTask;
        };
        var emulator = VaultAddress.Parse($"https://localhost:{rig.Server.Port}", null, out _)!;

        var refused = await Assert.ThrowsAsync<VaultException>(() => rig.Open(emulator).ListAsync(default));
        Assert.Equal((VaultFault.Unauthorized, ExitCode.Usage), (refused.Fault, refused.ExitCode));
        Assert.Contains("--disable-challenge-verification", refused.Message, StringComparison.Ordinal);
        rig.Settings = rig.Settings with { DisableChallengeVerification = true };
        Assert.Empty(await rig.Open(emulator).ListAsync(default));
    }

    [Theory]
    [InlineData("Secret web is currently in a deleted but recoverable state, and its name cannot be reused", "a soft-deleted secret has the name", "az keyvault secret purge")]
    [InlineData("Key web is currently in a deleted but recoverable state, and its name cannot be reused", "a soft-deleted key has the name", "az keyvault key purge")]
    [InlineData("The name is taken", "a soft-deleted secret or key has the name", "az keyvault secret purge")]
    public async Task Says_which_kind_holds_a_name_that_no_deleted_certificate_has(string said, string kind, string cure)
    {
        rig.Server.Faults.Next(
            new Fault.Status(409, Body: """{"error":{"code":"Conflict","message":"SAID","innererror":{"code":"ObjectIsDeletedButRecoverable"}}}""".Replace("SAID", said, StringComparison.Ordinal)), 1,
            static request => Authorized(request) && request.Method == "POST");

        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal((VaultFault.HeldByOtherKind, Reason.SoftDeleted, ExitCode.Refused), (fault.Fault, fault.Reason, fault.ExitCode));
        Assert.Contains(kind, fault.Message, StringComparison.Ordinal);
        Assert.Contains($"({said})", fault.Message, StringComparison.Ordinal);
        Assert.Contains(cure, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_the_vault_s_own_words_about_a_deleted_certificate()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate);
        rig.Vault.Delete("web");

        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal(VaultFault.SoftDeleted, fault.Fault);
        Assert.Contains("deleted but recoverable", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_what_to_change_about_a_key_that_is_refused_even_with_a_policy()
    {
        rig.Server.Faults.Next(
            new Fault.Status(400, Body: """{"error":{"code":"BadParameter","message":"Unsupported key size (2048). Supported sizes are [256, 384, 521]","innererror":{"code":"KeySizeNotSupported"}}}"""), 1, Authorized);

        var fault = await FaultOf(vault => vault.ImportAsync(KeyVaultCertificatesTests.Import("web") with { KeyPolicy = new KeyPolicy(KeyAlgorithm.Rsa, 2048, "use an RSA issuer") }, default));

        Assert.Equal((VaultFault.Rejected, ExitCode.Refused), (fault.Fault, fault.ExitCode));
        Assert.Contains("(Unsupported key size (2048). Supported sizes are [256, 384, 521]): use an RSA issuer.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_a_token_once_more_that_was_refused()
    {
        rig.Server.Faults.Next(new Fault.Status(401), 1, Authorized);

        Assert.Empty(await rig.Open().ListAsync(default));
    }

    [Fact]
    public async Task Says_what_the_vault_has_against_a_token()
    {
        var vault = rig.Open();
        await vault.ListAsync(default);
        rig.Server.Faults.Next(new Fault.Status(401, Body: """{"error":{"code":"Unauthorized","message":"AKV10032: Invalid issuer."}}"""), 10);

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ListAsync(default));

        Assert.Equal((VaultFault.Unauthorized, Reason.SignInFailed), (fault.Fault, fault.Reason));
        Assert.Contains("(AKV10032: Invalid issuer)", fault.Message, StringComparison.Ordinal);
    }

    internal static bool Authorized(HttpRequest request) => request.Headers.Authorization.Count > 0;

    private async Task<VaultException> FaultOf(Func<ICertificateVault, Task> act)
    {
        var fault = await Assert.ThrowsAsync<VaultException>(() => act(rig.Open()));
        Assert.DoesNotContain(VaultRig.Secret, fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", fault.ToString(), StringComparison.Ordinal);
        return fault;
    }
}
