namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class KeyVaultCertificatesTests : VaultTest
{
    private StoredCertificate Stored => Vault.Find("web")!;

    [Fact]
    public async Task Lists_every_certificate_with_a_request_for_25_and_none_besides()
    {
        for (var number = 0; number < 60; number++)
        {
            Vault.Seed($"cert-{number}", Pki.Leaf.Certificate, Ours, enabled: number != 7);
        }

        Vault.Seed("gone", Pki.Leaf.Certificate);
        Vault.Delete("gone");

        var listing = await Open().ListAsync(default);
        Assert.Equal(60, listing.Count);
        Assert.Equal((3, 4), (Requests.Count, Server.Requests.Count));
        Assert.Equal("cert-7", Assert.Single(listing, static certificate => !certificate.Enabled).Name);
        var one = listing.Single(static certificate => certificate.Name == "cert-1");
        Assert.Equal(("prod", Pki.Leaf.Thumbprint, (DateTimeOffset?)Pki.Start, (DateTimeOffset?)Pki.End, false), (one.Vault, one.Thumbprint, one.NotBefore, one.NotAfter, one.IsDeleted));
        Assert.Equal(Ours, one.Tags);
    }

    [Fact]
    public async Task A_listing_keeps_only_the_jobs_own_tags_and_the_namespace_of_the_other_tools_certificates()
    {
        var many = Enumerable.Range(0, 13).ToImmutableDictionary(static number => $"theirs-{number}", static _ => new string('x', 256));
        Vault.Seed("theirs", Pki.Leaf.Certificate, many);
        Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        Vault.Seed("other", Pki.Leaf.Certificate, many.Take(3).ToImmutableDictionary().Add(Ownership.KeyVaultSyncTag, "cert-manager-key-vault-sync").Add("namespace", "shop"));
        var listing = (await Open().ListAsync(default)).ToDictionary(static certificate => certificate.Name);
        Assert.Equal("shop", Ownership.NamespaceOf(listing["other"]));
        Assert.Empty(listing["theirs"].Tags);
        Assert.Equal((13, 0), (listing["theirs"].MoreTags, listing["web"].MoreTags));
        Assert.Equal(many, (await Open().FindAsync("theirs", default))!.Tags);
    }

    [Fact]
    public async Task Reads_the_versions_their_times_and_the_names_of_the_newest()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        Vault.Seed("web", Pki.Leaf.Certificate, Ours);
        Vault.Seed("web", Web.Certificate, Ours);
        var history = (await Open().FindHistoryAsync("WEB", default))!;
        Assert.Equal(Web.Thumbprint, history.Current.Thumbprint);
        Assert.Equal(new[] { Pki.Leaf.Thumbprint, Web.Thumbprint }.Order(), history.Versions.Select(static version => version.Thumbprint).Distinct().Order());
        Assert.All(history.Versions, version => Assert.InRange(version.CreatedOn!.Value, before, DateTimeOffset.UtcNow));
        Assert.Equal("DNS:web.example.com", Assert.Single(history.Identities));
        Assert.True(history.IsComplete);
        Assert.Equal(["GET", "GET"], Requests.Select(static request => request.Method));
        Assert.Null(await Open().FindHistoryAsync("none", default));
    }

    /// <summary>base64url as Key Vault writes it, or hexadecimal as emulators do. For anything else the certificate itself is read.</summary>
    [Theory]
    [InlineData("fLi3U52HunIVNXubkEnf8tP6Wbo", FakeAzure.Thumbprint)]
    [InlineData(FakeAzure.Thumbprint, FakeAzure.Thumbprint)]
    [InlineData("7CB8B7539D87BA7215357B9B9049DFF2D3FA59BA", FakeAzure.Thumbprint)]
    [InlineData("7CB8B7539D87BA7215357B9B9049DFF2D3FA59BG", "")]
    [InlineData("fLi3U52HunIVNXub", "")]
    [InlineData("fLi3U52HunIVNXubkEnf8tP6WbofLi3U52HunIVN", "")]
    public async Task Reads_a_thumbprint_that_is_one(string x5t, string thumbprint)
    {
        var azure = FakeAzure.Vault(_ => FakeAzure.Json(FakeAzure.List.Replace("fLi3U52HunIVNXubkEnf8tP6Wbo", x5t, StringComparison.Ordinal)));
        Assert.All(await azure.Open().ListAsync(default), found => Assert.Equal(thumbprint, found.Thumbprint));
    }

    [Theory]
    [InlineData(CertificateFormat.Pfx, StoredPolicy.Pfx)]
    [InlineData(CertificateFormat.Pem, StoredPolicy.Pem)]
    public async Task Imports_a_certificate_with_tags_and_a_policy_that_leaves_it_alone(CertificateFormat format, string contentType)
    {
        var imported = await Open().ImportAsync(Import("web", format), default);
        Assert.Equal((Web.Thumbprint, Web.Certificate.Thumbprint), (imported.Thumbprint, Stored.Latest.Thumbprint));
        Assert.Equal((2, Web.Certificate.Thumbprint), (Stored.Latest.Chain.Count, Stored.Latest.Chain[0].Thumbprint));
        Assert.True(Stored.Latest.Certificate.HasPrivateKey);
        Assert.Equal(Ours, Stored.Latest.Tags);
        Assert.Equal(Ours, imported.Tags);
        Assert.Equal((StoredPolicy.UnknownIssuer, contentType, true), (Stored.Policy.Issuer, Stored.Policy.ContentType, Stored.Policy.Exportable));
        Assert.Equal("EmailContacts", Assert.Single(Stored.Policy.LifetimeActions!).Action);
        Assert.Single(Requests);
    }

    [Theory]
    [InlineData(true, 2048, """{"exportable":true,"kty":"RSA","key_size":2048}""")]
    [InlineData(false, 384, """{"exportable":true,"kty":"EC","key_size":384,"crv":"P-384"}""")]
    [InlineData(null, 0, "null")]
    public async Task Sends_the_key_s_properties_only_for_a_certificate_that_needs_them(bool? isRsa, int size, string expected)
    {
        JsonNode? sent = null;
        var azure = FakeAzure.Vault(request =>
        {
            sent = JsonNode.Parse(request.Content!.ReadAsStringAsync().GetAwaiter().GetResult())!["policy"];
            return FakeAzure.Json("{}", 400);
        });

        var import = Import("web") with { KeyPolicy = isRsa is { } known ? new KeyPolicy(known, size, "x") : null };
        await Assert.ThrowsAsync<VaultException>(() => azure.Open().ImportAsync(import, default));
        Assert.Equal("Unknown", (string?)sent!["issuer"]!["name"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), sent["key_props"]), $"{sent}");
    }

    [Fact]
    public async Task Stops_the_renewal_of_a_certificate_that_is_not_imported_and_does_so_once()
    {
        Vault.Seed("web", Pki.Leaf.Certificate, Ours, policy: new StoredPolicy("Self") { LifetimeActions = [new StoredLifetimeAction("AutoRenew", 80)] });
        var vault = Open();
        await vault.StopRenewalAsync("web", default);
        await vault.StopRenewalAsync("web", default);
        Assert.Equal(("Unknown", "EmailContacts"), (Stored.Policy.Issuer, Assert.Single(Stored.Policy.LifetimeActions!).Action));
        Assert.Equal(["GET", "PATCH", "GET"], Requests.Select(static request => request.Method));
    }

    [Fact]
    public async Task Keeps_the_tags_of_others_when_it_imports()
    {
        var (vault, current) = await SeedAsync(Ours.Add("cost-centre", "42").Add(Ownership.SourceNameTag, "old"));
        await vault.ImportAsync(Import("web") with { Current = current }, default);
        Assert.Equal(Ours.Add("cost-centre", "42"), Stored.Latest.Tags);
    }

    [Fact]
    public async Task Updates_tags_without_a_new_version()
    {
        var theirs = ImmutableDictionary<string, string>.Empty.Add("cost-centre", "42").Add("namespace", "shop");
        var (vault, current) = await SeedAsync(Ours.AddRange(theirs).Add(Ownership.KeyVaultSyncTag, "cert-manager-key-vault-sync"));
        await vault.UpdateTagsAsync(current, Ours.Add(Ownership.SourceTag, "a/b"), default);
        Assert.Equal(Ours.AddRange(theirs).Add(Ownership.SourceTag, "a/b"), Assert.Single(Stored.Versions).Tags);
    }

    [Fact]
    public async Task Disables_a_certificate_and_enables_it_again_with_the_next_tags()
    {
        var (vault, current) = await SeedAsync(Ours.Add("cost-centre", "42"));
        await vault.DisableAsync(current, default);
        var disabled = (await vault.ListAsync(default)).Single();
        await vault.UpdateTagsAsync(disabled, Ours, default);
        Assert.Equal((false, 1), (disabled.Enabled, disabled.MoreTags));
        Assert.Equal(Ours.Add(Ownership.PrunedTag, "true"), disabled.Tags);
        Assert.True(Stored.Latest.Enabled);
        Assert.Equal(Ours.Add("cost-centre", "42"), Stored.Latest.Tags);
    }

    [Fact]
    public async Task A_certificate_that_a_person_disabled_stays_disabled()
    {
        var (vault, current) = await SeedAsync(Ours, enabled: false);
        await vault.UpdateTagsAsync(current, Ours, default);
        Assert.False(Stored.Latest.Enabled);
    }

    private async Task<(KeyVaultCertificates Vault, VaultCertificate Current)> SeedAsync(ImmutableDictionary<string, string> tags, bool enabled = true)
    {
        Vault.Seed("web", Pki.Leaf.Certificate, tags, enabled);
        var vault = Open();
        return (vault, Assert.Single(await vault.ListAsync(default)));
    }
}
