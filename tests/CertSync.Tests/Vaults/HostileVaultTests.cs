using static ClusterTrust.CertSync.Tests.Vaults.FakeAzure;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Whatever is returned in the place of Key Vault: a <see cref="VaultException"/> with a sentence, or the correct result. Nothing else is thrown.</summary>
public sealed class HostileVaultTests
{
    private const string Certificate = """
        {"id":"https://kv.vault.azure.net/certificates/web/0123456789abcdef","kid":"https://kv.vault.azure.net/keys/web/0123456789abcdef","sid":"https://kv.vault.azure.net/secrets/web/0123456789abcdef","x5t":"fLi3U52HunIVNXubkEnf8tP6Wbo","cer":"MIIB","attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000},
        "tags":{"a":"b"},"policy":{"id":"https://kv.vault.azure.net/certificates/web/policy","key_props":{"exportable":true,"kty":"RSA","key_size":2048,"reuse_key":false},"secret_props":{"contentType":"application/x-pkcs12"},"x509_props":{"subject":"","ekus":["1.3.6.1.5.5.7.3.1"],"sans":{"dns_names":["a.example"]},"validity_months":12},"lifetime_actions":[{"trigger":{"lifetime_percentage":80},"action":{"action_type":"EmailContacts"}}],"issuer":{"name":"Unknown"}}}
        """;

    [Fact]
    public async Task Hostile_listings_are_faults_or_read()
    {
        var (refused, read) = (0, 0);
        foreach (var seed in Soak.Inputs(300))
        {
            var body = new HostileJson(seed).Damage(List);
            var vault = Vault(_ => Json(body)).Open();
            refused += await IsRefusedAsync(async () => read += (await vault.ListAsync(default)).Count) ? 1 : 0;
            await IsRefusedAsync(() => vault.FindDeletedAsync([.. Enumerable.Range(0, 9).Select(static n => $"web-{n}")], default));
        }

        Assert.InRange(refused, 25, int.MaxValue);
        Assert.InRange(read, 25, int.MaxValue);
    }

    [Fact]
    public async Task Hostile_certificates_and_policies_are_faults_or_read()
    {
        foreach (var seed in Soak.Inputs(200))
        {
            var body = new HostileJson(seed).Damage(Certificate);
            var vault = Vault(_ => Json(body)).Open();
            var goodVersions = Vault(request => IsVersions(request) ? Json(List) : Json(body)).Open();
            var goodCertificate = Vault(request => IsVersions(request) ? Json(new HostileJson(seed).Damage(List)) : Json(Certificate)).Open();

            await IsRefusedAsync(() => vault.FindAsync("web", default));
            await IsRefusedAsync(() => goodVersions.FindHistoryAsync("web", default));
            await IsRefusedAsync(() => goodCertificate.FindHistoryAsync("web", default));
            await IsRefusedAsync(() => vault.FindDeletedAsync(["web"], default));
            await IsRefusedAsync(() => vault.StopRenewalAsync("web", default));
            await IsRefusedAsync(() => vault.ImportAsync(VaultTest.Import("web"), default));
        }
    }

    [Fact]
    public async Task Hostile_errors_are_faults()
    {
        int[] statuses = [400, 401, 403, 404, 405, 409, 412, 429, 500, 503];
        foreach (var seed in Soak.Inputs(150))
        {
            var body = new HostileJson(seed).Damage("""{"error":{"code":"Forbidden","message":"Caller is not authorized.\r\nAction: 'x'","innererror":{"code":"ForbiddenByRbac"}}}""");
            Assert.True(await IsRefusedAsync(() => Vault(_ => Json(body, statuses[seed % 10])).Open().ListAsync(default)));
        }
    }

    [Fact]
    public async Task Versions_without_end_are_read_up_to_a_bound()
    {
        var pages = 0;
        var vault = Vault(request => Json(IsVersions(request)
            ? $$"""{"value":[{"id":"https://kv.vault.azure.net/certificates/web/{{++pages}}","x5t":"fLi3U52HunIVNXubkEnf8tP6Wbo","attributes":{"enabled":true} }],"nextLink":"{{request.RequestUri}}"}"""
            : request.RequestUri!.AbsolutePath.Contains("unreadable", StringComparison.Ordinal) ? Certificate.Replace("2048", "\"2048\"", StringComparison.Ordinal)
            : Certificate.Replace("MIIB", Convert.ToBase64String(Pki.Leaf.Certificate.RawData), StringComparison.Ordinal))).Open();

        var history = await vault.FindHistoryAsync("web", default);

        Assert.InRange(pages, 20, 40);
        Assert.Equal((false, pages + 1), (history!.IsComplete, history.Versions.Length));
        pages = 0;

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(VaultTest.Import("unreadable"), default));

        Assert.InRange(pages, 20, 40);
        Assert.Equal(VaultFault.ResponseUnreadable, fault.Fault);
    }

    [Fact]
    public Task A_hostile_challenge_gets_no_token_for_another_domain() => Assert.AllAsync(
    [
        "Bearer authorization=\"https://login.microsoftonline.com/t\", resource=\"https://evil.example\"",
        "Bearer authorization=\"https://evil.example/t\", resource=\"https://vault.evil.example\"",
        "Bearer authorization=\"https://login.microsoftonline.com/t\", resource=\"https://azure.net.evil.example\"",
        "Bearer authorization=\"https://login.microsoftonline.com/t\", resource=\"net\"",
        "Bearer authorization=\"https://login.microsoftonline.com/t\", resource=\"https://\"",
        "Bearer authorization=\"not a url\", resource=\"https://vault.azure.net\"",
        "Bearer resource=\"https://vault.azure.net\"",
        "Bearer authorization=\"\", resource=\"\"",
        "Bearer " + new string('x', 8000),
        "Basic realm=\"kv\"",
    ], static async challenge =>
    {
        using var azure = new FakeAzure(_ => Challenge(challenge));
        Assert.True(await IsRefusedAsync(() => azure.Open().ListAsync(default)));
        Assert.True(challenge.Contains("\"https://vault.azure.net\"", StringComparison.Ordinal) || azure.Requests.IsEmpty);
    });

    [Theory]
    [InlineData("https://evil.example/certificates?api-version=7.4")]
    [InlineData("https://evil.vault.azure.net/certificates?api-version=7.4")]
    [InlineData("http://{0}/certificates?api-version=7.4")]
    [InlineData("https://{0}:8443/certificates?api-version=7.4")]
    [InlineData("https://{0}@evil.example/certificates?api-version=7.4")]
    public async Task A_nextLink_to_somewhere_else_is_refused_and_nothing_sent_there(string nextLink)
    {
        var requested = new List<Uri>();
        var vault = Vault(request =>
        {
            requested.Add(request.RequestUri!);
            return Json(WithNextLink(nextLink.Replace("{0}", request.RequestUri!.Host, StringComparison.Ordinal)));
        }).Open();

        var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ListAsync(default));

        // Without TLS it is the SDK that refuses to send a token.
        var isPlain = nextLink.StartsWith("http:", StringComparison.Ordinal);
        Assert.Equal(isPlain ? (VaultFault.ResponseUnreadable, ExitCode.Failed) : (VaultFault.NotUnderstood, ExitCode.Refused), (fault.Fault, fault.ExitCode));
        Assert.Contains(isPlain ? "a value that Key Vault does not send" : "must not receive credentials", fault.Message, StringComparison.Ordinal);
        Assert.All(requested, one => Assert.Equal(vault.Vault.Address.Authority, one.Authority));
    }

    [Fact]
    public async Task A_nextLink_to_the_same_vault_is_followed_with_or_without_the_port()
    {
        var pages = 0;
        var vault = Vault(request =>
        {
            var page = ++pages < 3 ? WithNextLink($"https://{request.RequestUri!.Host}{(pages == 1 ? ":443" : "")}/certificates?api-version=7.4&$skiptoken={pages}") : List;
            return Json(page.Replace("/web", $"/web-{pages}", StringComparison.Ordinal));
        }).Open();
        Assert.Equal(4, (await vault.ListAsync(default)).Count);
    }

    [Theory]
    [InlineData(true, "does not end")]
    [InlineData(false, "exceeds the memory limit")]
    public async Task A_listing_without_end_ends(bool same, string reason)
    {
        var pages = 0;
        var vault = Vault(request =>
        {
            pages++;
            var item = List[(List.IndexOf('[', StringComparison.Ordinal) + 1)..List.IndexOf(",\n", StringComparison.Ordinal)];
            var items = same ? item : string.Join(',', Enumerable.Range(0, 1000).Select(n => item
                .Replace("/web", $"/web-{pages}-{n}", StringComparison.Ordinal)
                .Replace("\"cluster\":\"blue\"", $"\"cluster\":\"{new string('x', 250)}\"", StringComparison.Ordinal)));
            return Json($$"""{"value":[{{items}}],"nextLink":"https://{{request.RequestUri!.Host}}/certificates?api-version=7.4&$skiptoken={{pages}}"}""");
        }).Open();

        await Assert.FaultAsync(ExitCode.Failed, reason, () => vault.ListAsync(default));
        Assert.InRange(pages, 2, 150);
    }

    [Fact]
    public async Task An_oversized_response_is_not_read_to_its_end() =>
        await Assert.FaultAsync(ExitCode.Failed, "exceeds 8388608 bytes", () => Vault(static _ => Json(new byte[9 * 1024 * 1024])).Open().ListAsync(default));

    private static bool IsVersions(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.TrimEnd('/').EndsWith("/versions", StringComparison.Ordinal);

    private static string WithNextLink(string address) => List.Replace("\"nextLink\":null", $"\"nextLink\":\"{address}\"", StringComparison.Ordinal);
}
