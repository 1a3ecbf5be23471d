using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Names that are deleted, being deleted, or on their way back.</summary>
public sealed class DeletedCertificatesTests : IAsyncLifetime
{
    private VaultRig rig = null!;

    public async Task InitializeAsync() => rig = await VaultRig.StartAsync();

    public Task DisposeAsync() => rig.DisposeAsync().AsTask();

    [Theory]
    [InlineData(3, 3)]
    [InlineData(9, 2)]
    public async Task Finds_deleted_names_by_a_request_each_or_for_many_by_a_listing(int names, int requests)
    {
        for (var number = 0; number < 30; number++)
        {
            rig.Vault.Seed($"cert-{number}", Pki.Leaf.Certificate, KeyVaultCertificatesTests.Ours);
            rig.Vault.Delete($"cert-{number}");
        }

        var found = await rig.Open().FindDeletedAsync([.. Enumerable.Range(28, names).Select(number => $"Cert-{number}")], default);

        Assert.Equal(["cert-28", "cert-29"], found!.Select(certificate => certificate.Name.ToLowerInvariant()).Order());
        Assert.All(found!, certificate => Assert.True(certificate.IsDeleted));
        Assert.All(found!, certificate => Assert.Equal(KeyVaultCertificatesTests.Ours, certificate.Tags));
        Assert.Equal(requests, rig.Requests.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Does_not_know_what_is_deleted_when_it_may_not_look(int names)
    {
        rig.Vault.Revoke(rig.Application.ObjectId, VaultRights.Read);

        Assert.Null(await rig.Open().FindDeletedAsync([.. Enumerable.Range(0, names).Select(number => $"cert-{number}")], default));
    }

    [Fact]
    public async Task Tells_an_import_under_a_soft_deleted_name_apart()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, KeyVaultCertificatesTests.Ours);
        rig.Vault.Delete("web");

        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal((VaultFault.SoftDeleted, Reason.SoftDeleted), (fault.Fault, fault.Reason));
        Assert.StartsWith($"Key Vault prod ({rig.Vault.Host}) did not import 'web': the name is soft-deleted (", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("; recover or purge it.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_for_a_deletion_that_is_going_on_before_it_says_that_the_name_is_deleted()
    {
        rig.Vault.Options = rig.Vault.Options with { DeleteDelay = TimeSpan.FromSeconds(1) };
        var vault = rig.Open();
        var import = KeyVaultCertificatesTests.Import("web");
        await vault.ListAsync(default);
        rig.Vault.Seed("web", Pki.Leaf.Certificate, KeyVaultCertificatesTests.Ours);
        rig.Vault.Delete("web");

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(import, default));

        Assert.Equal(VaultFault.SoftDeleted, fault.Fault);
        Assert.True(rig.Requests.Count > 2);
    }

    [Fact]
    public async Task Recovers_a_name_that_is_still_being_deleted_and_waits_until_it_can_be_used()
    {
        rig.Vault.Options = rig.Vault.Options with { DeleteDelay = TimeSpan.FromMilliseconds(200), RecoverDelay = TimeSpan.FromMilliseconds(200) };
        rig.Vault.Seed("web", Pki.Leaf.Certificate, KeyVaultCertificatesTests.Ours.Add("cost-centre", "42"));
        rig.Vault.Delete("web");
        var vault = rig.Open();

        var recovered = await vault.RecoverAsync("web", default);
        await vault.ImportAsync(KeyVaultCertificatesTests.Import("web") with { Current = recovered }, default);

        Assert.Equal(Pki.Leaf.Thumbprint, recovered.Thumbprint);
        Assert.Equal(2, rig.Vault.Find("web")!.Versions.Count);
        Assert.Equal("42", rig.Vault.Find("web")!.Latest.Tags["cost-centre"]);
    }

    [Fact]
    public async Task Takes_a_name_that_someone_else_recovered()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, KeyVaultCertificatesTests.Ours);

        Assert.Equal("web", (await rig.Open().RecoverAsync("web", default)).Name);
    }

    [Fact]
    public async Task Gives_up_a_recovery_that_does_not_end()
    {
        rig.Settings = rig.Settings with { Patience = TimeSpan.FromMilliseconds(100) };
        rig.Vault.Options = rig.Vault.Options with { RecoverDelay = TimeSpan.FromMinutes(5) };
        rig.Vault.Seed("web", Pki.Leaf.Certificate, KeyVaultCertificatesTests.Ours);
        rig.Vault.Delete("web");

        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.Open().RecoverAsync("web", default));

        Assert.Equal(VaultFault.TimedOut, fault.Fault);
    }

    [Fact]
    public async Task Deletes_a_certificate_and_does_not_mind_when_it_is_gone()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, KeyVaultCertificatesTests.Ours);
        var vault = rig.Open();

        await vault.DeleteAsync("web", default);
        await vault.DeleteAsync("web", default);

        Assert.Equal(CertificatePhase.Deleted, rig.Vault.PhaseOf("web"));
    }
}
