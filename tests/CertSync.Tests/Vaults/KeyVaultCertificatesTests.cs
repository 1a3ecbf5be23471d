using System.Collections.Immutable;
using System.Net;
using System.Text;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class KeyVaultCertificatesTests : VaultTest
{
    internal static readonly ImmutableDictionary<string, string> Ours = ImmutableDictionary<string, string>.Empty
        .Add(Ownership.ManagedByTag, Ownership.Manager).Add(Ownership.ClusterTag, "a").Add(Ownership.VersionTag, "1");

    private static readonly Issued Current = Pki.Issue("web.example.com", Pki.Rsa("leaf"), Pki.Intermediate,
        start: DateTimeOffset.UtcNow.AddDays(-1), end: DateTimeOffset.UtcNow.AddDays(60));

    [Fact]
    public async Task Lists_every_certificate_with_a_request_for_25_and_none_besides()
    {
        for (var number = 0; number < 60; number++)
        {
            Rig.Vault.Seed($"cert-{number}", Pki.Leaf.Certificate, Ours, enabled: number != 7);
        }

        Rig.Vault.Seed("gone", Pki.Leaf.Certificate);
        Rig.Vault.Delete("gone");

        var listing = await Rig.Open().ListAsync(default);

        Assert.Equal(60, listing.Count);
        Assert.Equal(3, Rig.Requests.Count);
        Assert.Equal(4, Rig.Server.Requests.Count);
        Assert.Equal("cert-7", Assert.Single(listing, certificate => !certificate.Enabled).Name);
        var one = listing.Single(certificate => certificate.Name == "cert-1");
        Assert.Equal(("prod", Pki.Leaf.Thumbprint, (DateTimeOffset?)Pki.Start, (DateTimeOffset?)Pki.End, false), (one.Vault, one.Thumbprint, one.NotBefore, one.NotAfter, one.IsDeleted));
        Assert.Equal(Ours, one.Tags);
    }

    [Fact]
    public async Task Reads_the_versions_their_times_and_the_names_of_the_newest()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        Rig.Vault.Seed("web", Current.Certificate, Ours);

        var history = (await Rig.Open().FindHistoryAsync("WEB", default))!;

        Assert.Equal(Current.Thumbprint, history.Current.Thumbprint);
        Assert.Equal(new[] { Pki.Leaf.Thumbprint, Current.Thumbprint }.Order(), history.Versions.Select(static version => version.Thumbprint).Distinct().Order());
        Assert.All(history.Versions, version => Assert.InRange(version.CreatedOn!.Value, before, DateTimeOffset.UtcNow));
        Assert.Equal("DNS:web.example.com", Assert.Single(history.Identities));
        Assert.True(history.IsComplete);
        Assert.Equal(["GET", "GET"], Rig.Requests.Select(static request => request.Method));
        Assert.Null(await Rig.Open().FindHistoryAsync("none", default));
    }

    /// <summary>base64url as Key Vault writes it, or hexadecimal as emulators do. For anything else the certificate itself is asked.</summary>
    [Theory]
    [InlineData("fLi3U52HunIVNXubkEnf8tP6Wbo", "7cb8b7539d87ba7215357b9b9049dff2d3fa59ba")]
    [InlineData("7cb8b7539d87ba7215357b9b9049dff2d3fa59ba", "7cb8b7539d87ba7215357b9b9049dff2d3fa59ba")]
    [InlineData("7CB8B7539D87BA7215357B9B9049DFF2D3FA59BA", "7cb8b7539d87ba7215357b9b9049dff2d3fa59ba")]
    [InlineData("7CB8B7539D87BA7215357B9B9049DFF2D3FA59BG", "")]
    [InlineData("fLi3U52HunIVNXub", "")]
    [InlineData("fLi3U52HunIVNXubkEnf8tP6WbofLi3U52HunIVN", "")]
    public async Task Reads_a_thumbprint_that_is_one(string x5t, string thumbprint)
    {
        var list = FakeAzure.List.Replace("fLi3U52HunIVNXubkEnf8tP6Wbo", x5t, StringComparison.Ordinal);
        var vault = FakeAzure.Open(FakeAzure.Challenging(_ => (HttpStatusCode.OK, Encoding.UTF8.GetBytes(list))));

        Assert.All(await vault.ListAsync(default), found => Assert.Equal(thumbprint, found.Thumbprint));
    }

    [Theory]
    [InlineData(CertificateFormat.Pfx, StoredPolicy.Pfx)]
    [InlineData(CertificateFormat.Pem, StoredPolicy.Pem)]
    public async Task Imports_a_certificate_with_tags_and_a_policy_that_leaves_it_alone(CertificateFormat format, string contentType)
    {
        var imported = await Rig.Open().ImportAsync(Import("web", format), default);

        var stored = Rig.Vault.Find("web")!;
        Assert.Equal(Current.Thumbprint, imported.Thumbprint);
        Assert.Equal(Current.Certificate.Thumbprint, stored.Latest.Thumbprint);
        Assert.Equal((2, Current.Certificate.Thumbprint), (stored.Latest.Chain.Count, stored.Latest.Chain[0].Thumbprint));
        Assert.Equal(Ours, stored.Latest.Tags);
        Assert.Equal(Ours, imported.Tags);
        Assert.True(stored.Latest.Certificate.HasPrivateKey);
        Assert.Equal((StoredPolicy.UnknownIssuer, contentType, true), (stored.Policy.Issuer, stored.Policy.ContentType, stored.Policy.Exportable));
        Assert.Equal(["EmailContacts"], stored.Policy.LifetimeActions!.Select(action => action.Action));
        Assert.Single(Rig.Requests);
    }

    [Fact]
    public async Task An_import_replaces_a_policy_that_renews()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours, policy: AutoRenew);

        await Rig.Open().ImportAsync(Import("web"), default);

        Assert.Equal("Unknown", Rig.Vault.Find("web")!.Policy.Issuer);
        Assert.DoesNotContain(Rig.Vault.Find("web")!.Policy.LifetimeActions!, action => action.Action == "AutoRenew");
        Assert.Equal(2, Rig.Vault.Find("web")!.Versions.Count);
    }

    [Fact]
    public async Task Stops_the_renewal_of_a_certificate_that_is_not_imported_and_does_so_once()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours, policy: AutoRenew);
        var vault = Rig.Open();

        await vault.StopRenewalAsync("web", default);
        await vault.StopRenewalAsync("web", default);

        var policy = Rig.Vault.Find("web")!.Policy;
        Assert.Equal(("Unknown", "EmailContacts"), (policy.Issuer, policy.LifetimeActions!.Single().Action));
        Assert.Equal(["GET", "PATCH", "GET"], Rig.Requests.Select(static request => request.Method));
    }

    [Fact]
    public async Task Keeps_the_tags_of_others_when_it_imports()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours.Add("cost-centre", "42").Add(Ownership.SourceNameTag, "old"));
        var vault = Rig.Open();

        await vault.ImportAsync(Import("web") with { Current = (await vault.ListAsync(default)).Single() }, default);

        Assert.Equal(Ours.Add("cost-centre", "42"), Rig.Vault.Find("web")!.Latest.Tags);
    }

    [Fact]
    public async Task A_listing_keeps_only_the_jobs_own_tags_and_the_namespace_of_the_other_tools_certificates()
    {
        var long15 = Enumerable.Range(0, 13).Aggregate(ImmutableDictionary<string, string>.Empty, (tags, number) => tags.Add($"theirs-{number}", new string('x', 256)));
        Rig.Vault.Seed("theirs", Pki.Leaf.Certificate, long15);
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        Rig.Vault.Seed("other", Pki.Leaf.Certificate, long15.Take(3).ToImmutableDictionary().Add(Ownership.KeyVaultSyncTag, "cert-manager-key-vault-sync").Add("namespace", "shop"));

        var listing = await Rig.Open().ListAsync(default);

        Assert.Equal("shop", Ownership.NamespaceOf(listing.Single(certificate => certificate.Name == "other")));
        var theirs = listing.Single(certificate => certificate.Name == "theirs");
        Assert.Empty(theirs.Tags);
        Assert.True(theirs.HasMoreTags);
        Assert.False(listing.Single(certificate => certificate.Name == "web").HasMoreTags);
        Assert.Equal(long15, (await Rig.Open().FindAsync("theirs", default))!.Tags);
    }

    [Theory]
    [InlineData(KeyAlgorithm.Rsa, 2048, "RSA", null)]
    [InlineData(KeyAlgorithm.Ec, 384, "EC", "P-384")]
    public async Task Sends_the_key_s_properties_for_a_certificate_that_needs_them(KeyAlgorithm algorithm, int size, string type, string? curve)
    {
        string? sent = null;
        var vault = FakeAzure.Open(FakeAzure.Challenging(request =>
        {
            sent = request.Content!.ReadAsStringAsync().GetAwaiter().GetResult();
            return (HttpStatusCode.BadRequest, "{}"u8.ToArray());
        }));

        await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(Import("web") with { KeyPolicy = new KeyPolicy(algorithm, size, "x") }, default));
        using var policy = System.Text.Json.JsonDocument.Parse(sent!);
        var key = policy.RootElement.GetProperty("policy").GetProperty("key_props");
        Assert.Equal((type, size, true), (key.GetProperty("kty").GetString(), key.GetProperty("key_size").GetInt32(), key.GetProperty("exportable").GetBoolean()));
        Assert.Equal(curve, key.TryGetProperty("crv", out var name) ? name.GetString() : null);
        Assert.Equal("Unknown", policy.RootElement.GetProperty("policy").GetProperty("issuer").GetProperty("name").GetString());

        await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(Import("web"), default));
        using var usual = System.Text.Json.JsonDocument.Parse(sent!);
        Assert.False(usual.RootElement.GetProperty("policy").TryGetProperty("key_props", out _));
    }

    [Fact]
    public async Task Updates_tags_without_a_new_version()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours.Add("cost-centre", "42").Add("namespace", "shop").Add(Ownership.KeyVaultSyncTag, "cert-manager-key-vault-sync"));
        var vault = Rig.Open();

        await vault.UpdateTagsAsync((await vault.ListAsync(default)).Single(), Ours.Add(Ownership.SourceTag, "a/b"), default);

        var stored = Assert.Single(Rig.Vault.Find("web")!.Versions);
        Assert.Equal(Ours.Add("cost-centre", "42").Add("namespace", "shop").Add(Ownership.SourceTag, "a/b"), stored.Tags);
    }

    [Fact]
    public async Task Sends_no_more_tags_than_a_certificate_can_have()
    {
        var theirs = Enumerable.Range(0, 13).ToImmutableDictionary(number => $"tag-{number}", _ => "x");
        var current = new VaultCertificate("prod", "web", "") { Tags = theirs };

        var fault = await Assert.ThrowsAsync<VaultException>(() => Rig.Open().UpdateTagsAsync(current, Ours, default));

        Assert.Equal(VaultFault.TooManyTags, fault.Fault);
        Assert.Contains("remove 1 of them", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Rig.Server.Requests);
    }

    [Fact]
    public async Task Disables_a_certificate_and_enables_it_again_with_the_next_tags()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours.Add("cost-centre", "42"));
        var vault = Rig.Open();

        await vault.DisableAsync((await vault.ListAsync(default)).Single(), default);
        var disabled = (await vault.ListAsync(default)).Single();
        await vault.UpdateTagsAsync(disabled, Ours, default);

        Assert.False(disabled.Enabled);
        Assert.Equal(Ours.Add(Ownership.PrunedTag, "true"), disabled.Tags);
        Assert.True(disabled.HasMoreTags);
        var enabled = Rig.Vault.Find("web")!.Latest;
        Assert.True(enabled.Enabled);
        Assert.Equal(Ours.Add("cost-centre", "42"), enabled.Tags);
    }

    [Fact]
    public async Task A_certificate_that_a_person_disabled_stays_disabled()
    {
        Rig.Vault.Seed("web", Pki.Leaf.Certificate, Ours, enabled: false);
        var vault = Rig.Open();

        await vault.UpdateTagsAsync((await vault.ListAsync(default)).Single(), Ours, default);

        Assert.False(Rig.Vault.Find("web")!.Latest.Enabled);
    }

    [Fact]
    public async Task Imports_many_at_once()
    {
        var vault = Rig.Open();

        await Parallel.ForEachAsync(Enumerable.Range(0, 24), new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (number, cancellation) => await vault.ImportAsync(Import($"cert-{number}"), cancellation));

        Assert.Equal(24, Rig.Vault.Certificates.Count);
        Assert.Equal(24, Rig.Requests.Count);
    }

    internal static CertificateImport Import(string name, CertificateFormat format = CertificateFormat.Pfx)
    {
        using var bundle = CertificateParser.Parse(Pki.Bytes(Current.Pem + Pki.Intermediate.Pem), Pki.Bytes(Current.Pkcs8), default, new BundleOptions());
        return new CertificateImport(name, format == CertificateFormat.Pem ? bundle.ToPem() : bundle.ToPfx(), format, Ours) { Thumbprint = Current.Thumbprint };
    }

    private static StoredPolicy AutoRenew => new("Self") { LifetimeActions = [new StoredLifetimeAction("AutoRenew", 80)] };
}
