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

        var found = await Open().FindDeletedAsync([.. Enumerable.Range(28, names).Select(number => $"Cert-{number}")], default);
        Assert.Equal(["cert-28", "cert-29"], found!.Select(certificate => certificate.Name.ToLowerInvariant()).Order());
        Assert.All(found!, static certificate => Assert.True(certificate.IsDeleted));
        Assert.All(found!, static certificate => Assert.Equal(Ours, certificate.Tags.Remove("cost-centre")));
        Assert.Equal(requests, Requests.Count);
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
        Vault.Revoke(Application.ObjectId, VaultRights.Read);
        Assert.Null(await Open().FindDeletedAsync([.. Enumerable.Range(0, names).Select(number => $"cert-{number}")], default));
    }

    [Fact]
    public async Task Waits_for_a_deletion_in_progress()
    {
        Vault.Options = Vault.Options with { DeleteDelay = TimeSpan.FromDays(1) };
        var vault = Open();
        await vault.ListAsync(default);
        PutDeleted("web");
        SettleAfter(requests: 3);
        await AssertFaultAsync(VaultFault.SoftDeleted, "", () => vault.ImportAsync(Import("web"), default));
        Assert.True(Requests.Count > 2);
    }

    [Fact]
    public async Task Recovers_a_name_that_is_still_being_deleted_and_waits_until_it_can_be_used()
    {
        Vault.Options = Vault.Options with { DeleteDelay = TimeSpan.FromDays(1), RecoverDelay = TimeSpan.FromDays(1) };
        PutDeleted("web");
        var vault = Open();
        SettleAfter(requests: 3);
        var recovered = await vault.RecoverAsync("web", default);
        await vault.ImportAsync(Import("web") with { Current = recovered }, default);
        Assert.Equal(Pki.Leaf.Thumbprint, recovered.Thumbprint);
        Assert.Equal(2, Vault.Find("web")!.Versions.Count);
        Assert.Equal("42", Vault.Find("web")!.Latest.Tags["cost-centre"]);
    }

    [Fact]
    public async Task A_recovery_that_does_not_finish_times_out()
    {
        Settings = Settings with { MaximumWait = TimeSpan.FromMilliseconds(100) };
        Vault.Options = Vault.Options with { RecoverDelay = TimeSpan.FromMinutes(5) };
        PutDeleted("web");
        await AssertFaultAsync(VaultFault.TimedOut, "", () => Open().RecoverAsync("web", default));
    }

    [Fact]
    public async Task Recovering_and_deleting_a_name_twice_is_no_fault()
    {
        Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        var vault = Open();
        Assert.Equal("web", (await vault.RecoverAsync("web", default)).Name);
        await vault.DeleteAsync("web", default);
        await vault.DeleteAsync("web", default);
        Assert.Equal(CertificatePhase.Deleted, Vault.PhaseOf("web"));
    }

    private void PutDeleted(string name)
    {
        Vault.Seed(name, Pki.Leaf.Certificate, Ours.Add("cost-centre", "42"));
        Vault.Delete(name);
    }

    /// <summary>Ends the deletion or recovery in progress at every so many requests from now on.</summary>
    private void SettleAfter(int requests)
    {
        var seen = 0;
        Server.OnRequest = _ =>
        {
            if (Interlocked.Increment(ref seen) % requests == 0)
            {
                Vault.Settle("web");
            }

            return Task.CompletedTask;
        };
    }
}
