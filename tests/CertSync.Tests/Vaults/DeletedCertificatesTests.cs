using static ClusterTrust.CertSync.Tests.Vaults.KeyVaultCertificatesTests;
using static ClusterTrust.CertSync.Tests.Vaults.VaultFaultTests;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Names that are deleted, being deleted, or on their way back.</summary>
public sealed class DeletedCertificatesTests : VaultTest
{
    [Theory]
    [InlineData(3, 3)]
    [InlineData(9, 2)]
    public async Task Finds_deleted_names_by_a_request_each_or_for_many_by_a_listing(int names, int requests)
    {
        for (var number = 0; number < 30; number++)
        {
            PutDeleted($"cert-{number}");
        }

        var found = await Rig.Open().FindDeletedAsync([.. Enumerable.Range(28, names).Select(number => $"Cert-{number}")], default);

        Assert.Equal(["cert-28", "cert-29"], found!.Select(certificate => certificate.Name.ToLowerInvariant()).Order());
        Assert.All(found!, static certificate => Assert.True(certificate.IsDeleted));
        Assert.All(found!, static certificate => Assert.Equal(Ours, certificate.Tags.Remove("cost-centre")));
        Assert.Equal(requests, Rig.Requests.Count);
    }

    /// <summary>As azure-keyvault-emulator answers: an operation for one deleted certificate, and the certificates in the list.</summary>
    [Fact]
    public async Task Finds_a_deleted_name_in_the_list_if_the_answer_for_it_is_no_certificate()
    {
        var azure = FakeAzure.Vault(static request => request.RequestUri!.AbsolutePath == "/deletedcertificates"
            ? FakeAzure.Json(FakeAzure.List)
            : FakeAzure.Json("""{"id":"https://kv.vault.azure.net/certificates/web/pending","status":"completed"}""", 202));

        var found = Assert.Single((await azure.Open().FindDeletedAsync(["web"], default))!);

        Assert.Equal(("web", FakeAzure.Thumbprint, "blue", true), (found.Name, found.Thumbprint, found.Tags[Ownership.ClusterTag], found.IsDeleted));
        Assert.Equal(["GET /deletedcertificates/web", "GET /deletedcertificates"], azure.Requests);
    }

    [Theory]
    [InlineData(1), InlineData(20)]
    public async Task Deleted_certificates_are_unknown_without_permission_to_read_them(int names)
    {
        Rig.Vault.Revoke(Rig.Application.ObjectId, VaultRights.Read);

        Assert.Null(await Rig.Open().FindDeletedAsync([.. Enumerable.Range(0, names).Select(number => $"cert-{number}")], default));
    }

    [Theory]
    [InlineData(307, "")]
    [InlineData(204, "")]
    [InlineData(200, """{"value":null,"nextLink":null}""")]
    [InlineData(200, "<html>Welcome to the network</html>")]
    public async Task A_list_of_deleted_certificates_that_is_not_Key_Vaults_is_a_fault(int status, string body)
    {
        var vault = FakeAzure.Vault(_ => FakeAzure.Json(body, status)).Open();

        await AssertFaultAsync(
            VaultFault.NotUnderstood, "is not Key Vault's", () => vault.FindDeletedAsync([.. Enumerable.Range(0, 20).Select(static number => $"cert-{number}")], default));
        await AssertFaultAsync(VaultFault.NotUnderstood, "is not Key Vault's", () => vault.FindDeletedAsync(["web"], default));
    }

    [Fact]
    public async Task Waits_for_a_deletion_in_progress()
    {
        Rig.Vault.Options = Rig.Vault.Options with { DeleteDelay = TimeSpan.FromDays(1) };
        var vault = Rig.Open();
        await vault.ListAsync(default);
        PutDeleted("web");
        SettleAfter(requests: 3);

        await VaultFaultTests.AssertFaultAsync(VaultFault.SoftDeleted, "", () => vault.ImportAsync(Import("web"), default));

        Assert.True(Rig.Requests.Count > 2);
    }

    [Fact]
    public async Task Recovers_a_name_that_is_still_being_deleted_and_waits_until_it_can_be_used()
    {
        Rig.Vault.Options = Rig.Vault.Options with { DeleteDelay = TimeSpan.FromDays(1), RecoverDelay = TimeSpan.FromDays(1) };
        PutDeleted("web");
        var vault = Rig.Open();
        SettleAfter(requests: 3);

        var recovered = await vault.RecoverAsync("web", default);
        await vault.ImportAsync(Import("web") with { Current = recovered }, default);

        Assert.Equal(Pki.Leaf.Thumbprint, recovered.Thumbprint);
        Assert.Equal(2, Rig.Vault.Find("web")!.Versions.Count);
        Assert.Equal("42", Rig.Vault.Find("web")!.Latest.Tags["cost-centre"]);
    }

    [Fact]
    public async Task A_name_that_was_already_recovered_is_no_fault()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);

        Assert.Equal("web", (await Rig.Open().RecoverAsync("web", default)).Name);
    }

    [Fact]
    public async Task A_recovery_that_does_not_finish_times_out()
    {
        Rig.Settings = Rig.Settings with { Patience = TimeSpan.FromMilliseconds(100) };
        Rig.Vault.Options = Rig.Vault.Options with { RecoverDelay = TimeSpan.FromMinutes(5) };
        PutDeleted("web");

        await VaultFaultTests.AssertFaultAsync(VaultFault.TimedOut, "", () => Rig.Open().RecoverAsync("web", default));
    }

    [Fact]
    public async Task Deleting_twice_is_no_fault()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        var vault = Rig.Open();

        await vault.DeleteAsync("web", default);
        await vault.DeleteAsync("web", default);

        Assert.Equal(CertificatePhase.Deleted, Rig.Vault.PhaseOf("web"));
    }

    private void PutDeleted(string name)
    {
        Rig.Vault.Seed(name, Pki.Leaf.Certificate, Ours.Add("cost-centre", "42"));
        Rig.Vault.Delete(name);
    }

    /// <summary>Ends the deletion or recovery in progress at every so many requests from now on.</summary>
    private void SettleAfter(int requests)
    {
        var seen = 0;
        Rig.Server.OnRequest = _ =>
        {
            if (Interlocked.Increment(ref seen) % requests == 0)
            {
                Rig.Vault.Settle("web");
            }

            return Task.CompletedTask;
        };
    }
}
