using System.Collections.Immutable;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class KeyVaultCertificatesTests : IAsyncLifetime
{
    private static readonly ImmutableDictionary<string, string> Ours = ImmutableDictionary<string, string>.Empty
        .Add(Ownership.ManagedByTag, Ownership.Manager).Add(Ownership.ClusterTag, "a").Add(Ownership.VersionTag, "1");

    private static readonly Issued Current = Pki.Issue("web.example.com", Pki.Rsa("leaf"), Pki.Intermediate,
        start: DateTimeOffset.UtcNow.AddDays(-1), end: DateTimeOffset.UtcNow.AddDays(60));

    private VaultRig rig = null!;

    public async Task InitializeAsync() => rig = await VaultRig.StartAsync();

    public Task DisposeAsync() => rig.DisposeAsync().AsTask();

    [Fact]
    public async Task Lists_every_certificate_with_a_request_for_25_and_none_besides()
    {
        for (var number = 0; number < 60; number++)
        {
            rig.Vault.Seed($"cert-{number}", Pki.Leaf.Certificate, Ours, enabled: number != 7);
        }

        rig.Vault.Seed("gone", Pki.Leaf.Certificate);
        rig.Vault.Delete("gone");

        var listing = await rig.Open().ListAsync();

        Assert.Equal(60, listing.Count);
        Assert.Equal(3, rig.Requests.Count);
        Assert.Equal(4, rig.Server.Requests.Count);
        Assert.Equal("cert-7", Assert.Single(listing, certificate => !certificate.Enabled).Name);
        var one = listing.Single(certificate => certificate.Name == "cert-1");
        Assert.Equal(("prod", Pki.Leaf.Thumbprint, (DateTimeOffset?)Pki.Start, (DateTimeOffset?)Pki.End, false), (one.Vault, one.Thumbprint, one.NotBefore, one.NotAfter, one.IsDeleted));
        Assert.Equal(Ours, one.Tags);
    }

    [Theory]
    [InlineData(CertificateFormat.Pfx, StoredPolicy.Pfx)]
    [InlineData(CertificateFormat.Pem, StoredPolicy.Pem)]
    public async Task Imports_a_certificate_with_tags_and_a_policy_that_leaves_it_alone(CertificateFormat format, string contentType)
    {
        var imported = await rig.Open().ImportAsync(Import("web", format));

        var stored = rig.Vault.Find("web")!;
        Assert.Equal(Current.Thumbprint, imported.Thumbprint);
        Assert.Equal(Current.Certificate.Thumbprint, stored.Latest.Thumbprint);
        Assert.Equal(2, stored.Latest.Chain.Count);
        Assert.Equal(Ours, stored.Latest.Tags);
        Assert.Equal(Ours, imported.Tags);
        Assert.True(stored.Latest.CertificateWithKey().HasPrivateKey);
        Assert.Equal((StoredPolicy.UnknownIssuer, contentType, true), (stored.Policy.Issuer, stored.Policy.ContentType, stored.Policy.Exportable));
        Assert.Equal(["EmailContacts"], stored.Policy.LifetimeActions!.Select(action => action.Action));
        Assert.Single(rig.Requests);
    }

    [Fact]
    public async Task Takes_the_renewal_out_of_a_policy_from_an_earlier_life_of_the_name()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours, policy: AutoRenew);

        await rig.Open().ImportAsync(Import("web"));

        Assert.Equal("Unknown", rig.Vault.Find("web")!.Policy.Issuer);
        Assert.DoesNotContain(rig.Vault.Find("web")!.Policy.LifetimeActions!, action => action.Action == "AutoRenew");
        Assert.Equal(2, rig.Vault.Find("web")!.Versions.Count);
    }

    [Fact]
    public async Task Stops_the_renewal_of_a_certificate_that_is_not_imported_and_does_so_once()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours, policy: AutoRenew);
        var vault = rig.Open();

        Assert.True(await vault.StopRenewalAsync("web"));
        Assert.False(await vault.StopRenewalAsync("web"));

        var policy = rig.Vault.Find("web")!.Policy;
        Assert.Equal(("Unknown", "EmailContacts"), (policy.Issuer, policy.LifetimeActions!.Single().Action));
    }

    [Fact]
    public async Task Keeps_the_tags_of_others_when_it_imports()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours.Add("cost-centre", "42").Add(Ownership.SourceNameTag, "old"));
        var vault = rig.Open();

        await vault.ImportAsync(Import("web") with { Current = (await vault.ListAsync()).Single() });

        Assert.Equal(Ours.Add("cost-centre", "42"), rig.Vault.Find("web")!.Latest.Tags);
    }

    [Fact]
    public async Task Updates_tags_without_a_new_version()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours.Add("cost-centre", "42").Add(Ownership.KeyVaultSyncTag, "cert-manager-key-vault-sync"));
        var vault = rig.Open();

        await vault.UpdateTagsAsync((await vault.ListAsync()).Single(), Ours.Add(Ownership.SourceTag, "a/b"));

        var stored = Assert.Single(rig.Vault.Find("web")!.Versions);
        Assert.Equal(Ours.Add("cost-centre", "42").Add(Ownership.SourceTag, "a/b"), stored.Tags);
    }

    [Fact]
    public async Task Sends_no_more_tags_than_a_certificate_can_have()
    {
        var theirs = Enumerable.Range(0, 13).ToImmutableDictionary(number => $"tag-{number}", _ => "x");
        var current = new VaultCertificate("prod", "web", "") { Tags = theirs };

        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.Open().UpdateTagsAsync(current, Ours));

        Assert.Equal(VaultFault.TooManyTags, fault.Fault);
        Assert.Contains("remove 1 of them", fault.Message, StringComparison.Ordinal);
        Assert.Empty(rig.Server.Requests);
    }

    [Fact]
    public async Task Disables_a_certificate_and_enables_it_again_with_the_next_tags()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours.Add("cost-centre", "42"));
        var vault = rig.Open();

        await vault.DisableAsync((await vault.ListAsync()).Single());
        var disabled = (await vault.ListAsync()).Single();
        await vault.UpdateTagsAsync(disabled, Ours);

        Assert.False(disabled.Enabled);
        Assert.Equal(Ours.Add("cost-centre", "42").Add(Ownership.PrunedTag, "true"), disabled.Tags);
        var enabled = rig.Vault.Find("web")!.Latest;
        Assert.True(enabled.Enabled);
        Assert.Equal(Ours.Add("cost-centre", "42"), enabled.Tags);
    }

    [Fact]
    public async Task Leaves_a_certificate_that_a_person_disabled_so()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours, enabled: false);
        var vault = rig.Open();

        await vault.UpdateTagsAsync((await vault.ListAsync()).Single(), Ours);

        Assert.False(rig.Vault.Find("web")!.Latest.Enabled);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(9, 2)]
    public async Task Finds_deleted_names_by_a_request_each_or_for_many_by_a_listing(int names, int requests)
    {
        for (var number = 0; number < 30; number++)
        {
            rig.Vault.Seed($"cert-{number}", Pki.Leaf.Certificate, Ours);
            rig.Vault.Delete($"cert-{number}");
        }

        var found = await rig.Open().FindDeletedAsync([.. Enumerable.Range(28, names).Select(number => $"Cert-{number}")]);

        Assert.Equal(["cert-28", "cert-29"], found!.Select(certificate => certificate.Name.ToLowerInvariant()).Order());
        Assert.All(found!, certificate => Assert.True(certificate.IsDeleted));
        Assert.All(found!, certificate => Assert.Equal(Ours, certificate.Tags));
        Assert.Equal(requests, rig.Requests.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Does_not_know_what_is_deleted_when_it_may_not_look(int names)
    {
        rig.Vault.Revoke(rig.Application.ObjectId, VaultRights.Read);

        Assert.Null(await rig.Open().FindDeletedAsync([.. Enumerable.Range(0, names).Select(number => $"cert-{number}")]));
    }

    [Fact]
    public async Task Tells_an_import_under_a_soft_deleted_name_apart()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        rig.Vault.Delete("web");

        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.Open().ImportAsync(Import("web")));

        Assert.Equal((VaultFault.SoftDeleted, Reason.SoftDeleted), (fault.Fault, fault.Reason));
        Assert.Equal($"Key Vault prod ({rig.Vault.Host}) did not import 'web': the name is soft-deleted; recover or purge it.", fault.Message);
    }

    [Fact]
    public async Task Waits_for_a_deletion_that_is_going_on_before_it_says_that_the_name_is_deleted()
    {
        rig.Vault.Options = rig.Vault.Options with { DeleteDelay = TimeSpan.FromSeconds(1) };
        var vault = rig.Open();
        var import = Import("web");
        await vault.ListAsync();
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        rig.Vault.Delete("web");

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(import));

        Assert.Equal(VaultFault.SoftDeleted, fault.Fault);
        Assert.True(rig.Requests.Count > 2);
    }

    [Fact]
    public async Task Recovers_a_name_that_is_still_being_deleted_and_waits_until_it_can_be_used()
    {
        rig.Vault.Options = rig.Vault.Options with { DeleteDelay = TimeSpan.FromMilliseconds(200), RecoverDelay = TimeSpan.FromMilliseconds(200) };
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours.Add("cost-centre", "42"));
        rig.Vault.Delete("web");
        var vault = rig.Open();

        var recovered = await vault.RecoverAsync("web");
        await vault.ImportAsync(Import("web") with { Current = recovered });

        Assert.Equal(Pki.Leaf.Thumbprint, recovered.Thumbprint);
        Assert.Equal(2, rig.Vault.Find("web")!.Versions.Count);
        Assert.Equal("42", rig.Vault.Find("web")!.Latest.Tags["cost-centre"]);
    }

    [Fact]
    public async Task Takes_a_name_that_someone_else_recovered()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);

        Assert.Equal("web", (await rig.Open().RecoverAsync("web")).Name);
    }

    [Fact]
    public async Task Gives_up_a_recovery_that_does_not_end()
    {
        rig.Settings = rig.Settings with { Patience = TimeSpan.FromMilliseconds(100) };
        rig.Vault.Options = rig.Vault.Options with { RecoverDelay = TimeSpan.FromMinutes(5) };
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        rig.Vault.Delete("web");

        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.Open().RecoverAsync("web"));

        Assert.Equal(VaultFault.TimedOut, fault.Fault);
    }

    [Fact]
    public async Task Deletes_a_certificate_and_does_not_mind_when_it_is_gone()
    {
        rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        var vault = rig.Open();

        await vault.DeleteAsync("web");
        await vault.DeleteAsync("web");

        Assert.Equal(CertificatePhase.Deleted, rig.Vault.PhaseOf("web"));
    }

    [Fact]
    public async Task Imports_many_at_once()
    {
        var vault = rig.Open();

        await Parallel.ForEachAsync(Enumerable.Range(0, 24), new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (number, cancellation) => await vault.ImportAsync(Import($"cert-{number}"), cancellation));

        Assert.Equal(24, rig.Vault.Certificates.Count);
        Assert.Equal(24, rig.Requests.Count);
    }

    internal static CertificateImport Import(string name, CertificateFormat format = CertificateFormat.Pfx)
    {
        using var bundle = CertificateBundle.Parse(Pki.Bytes(Current.Pem + Pki.Intermediate.Pem), Pki.Bytes(Current.Pkcs8), default, new BundleOptions());
        return new CertificateImport(name, format == CertificateFormat.Pem ? bundle.ToPem() : bundle.ToPfx(), format, Ours) { Thumbprint = Current.Thumbprint };
    }

    private static StoredPolicy AutoRenew => new("Self") { LifetimeActions = [new StoredLifetimeAction("AutoRenew", 80)] };
}
