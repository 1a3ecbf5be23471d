using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Imports whose answers get lost, with the vault having acted or not.</summary>
public sealed class ImporterTests : VaultTest
{
    [Fact]
    public async Task An_import_whose_response_is_lost_is_found_and_not_sent_again()
    {
        Rig.Server.Faults.Next(new Fault.Truncate(), 1, IsImport);
        var import = KeyVaultCertificatesTests.Import("web");

        var imported = await Rig.Open().ImportAsync(import, default);

        Assert.Equal(import.Thumbprint, imported.Thumbprint);
        Assert.Single(Rig.Vault.Find("web")!.Versions);
        Assert.Equal(["POST", "GET"], Rig.Requests.Select(static request => request.Method));
    }

    [Fact]
    public async Task An_import_with_an_unreadable_response_is_found_with_a_warning()
    {
        var import = KeyVaultCertificatesTests.Import("web");
        var tags = string.Join(',', import.Tags.Select(static tag => $"\"{tag.Key}\":\"{tag.Value}\""));
        var x5t = System.Buffers.Text.Base64Url.EncodeToString(Convert.FromHexString(import.Thumbprint));
        foreach (var isStored in new[] { true, false })
        {
            var asked = new List<string>();
            var vault = FakeAzure.Open(FakeAzure.Challenging(request =>
            {
                asked.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
                var item = """{"id":"https://kv.vault.azure.net/certificates/web/0123456789abcdef0123456789abcdef","x5t":"X5T","attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000},"tags":{TAGS}}""".Replace("X5T", isStored ? x5t : "AAAA", StringComparison.Ordinal).Replace("TAGS", tags, StringComparison.Ordinal);
                var body = request.Method == HttpMethod.Post
                    ? """{"id":"https://kv.vault.azure.net/certificates/web/0123456789abcdef0123456789abcdef","policy":{"key_props":{"key_size":"2048"}}}"""
                    : $"{{\"value\":[{item}],\"nextLink\":null}}";
                return (System.Net.HttpStatusCode.OK, System.Text.Encoding.UTF8.GetBytes(body));
            }));

            if (isStored)
            {
                var stored = await vault.ImportAsync(import, default);
                Assert.Equal(import.Thumbprint, stored.Thumbprint);
                Assert.Contains("'web' is stored in Key Vault", stored.Warning, StringComparison.Ordinal);
            }
            else
            {
                var fault = await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(import, default));
                Assert.Equal(VaultFault.AnswerUnreadable, fault.Fault);
                Assert.DoesNotContain("HTTPS_PROXY", fault.Message, StringComparison.Ordinal);
            }

            Assert.Equal(["POST /certificates/web/import", "GET /certificates/web/versions"], asked);
        }
    }

    /// <summary>As azure-keyvault-emulator answers: null for what a policy does not set, and x5t in hexadecimal.</summary>
    [Fact]
    public async Task One_whose_answer_has_nulls_is_read()
    {
        var import = KeyVaultCertificatesTests.Import("web");
        var asked = new List<string>();
        var vault = FakeAzure.Open(FakeAzure.Challenging(request =>
        {
            asked.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
            return (System.Net.HttpStatusCode.OK, System.Text.Encoding.UTF8.GetBytes(
                """{"id":"https://kv.vault.azure.net/certificates/web/0123456789abcdef0123456789abcdef","x5t":"X5T","attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000,"recoverableDays":null},"tags":{"cluster":"null"},"policy":{"lifetime_actions":[{"trigger":{"timeAfterCreate":"","days_before_expiry":null},"action":{"action_type":"EmailContacts"}}],"x509_props":{"validity_months":null},"key_props":{"key_size":null}}}"""
                    .Replace("X5T", import.Thumbprint.ToUpperInvariant(), StringComparison.Ordinal)));
        }));

        var stored = await vault.ImportAsync(import, default);
        var found = await vault.FindAsync("web", default);

        Assert.Equal((import.Thumbprint, null, "null"), (stored.Thumbprint, stored.Warning, stored.Tags["cluster"]));
        Assert.Equal((stored.Name, stored.Thumbprint, stored.NotBefore), (found!.Name, found.Thumbprint, found.NotBefore));
        Assert.Equal(["POST /certificates/web/import", "GET /certificates/web"], asked);
    }

    [Fact]
    public async Task An_import_that_never_arrived_is_sent_again()
    {
        Rig.Server.Faults.Next(new Fault.Reset(), 1, IsImport);
        Rig.Server.Faults.Next(new Fault.Status(500), 1, IsImport);

        await Rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default);

        Assert.Single(Rig.Vault.Find("web")!.Versions);
        Assert.Equal(["POST", "GET", "POST", "GET", "POST"], Rig.Requests.Select(static request => request.Method));
    }

    [Fact]
    public async Task The_same_certificate_with_other_tags_is_not_the_result_of_an_import()
    {
        var import = KeyVaultCertificatesTests.Import("web");
        await Rig.Open().ImportAsync(import, default);
        Rig.Server.Faults.Next(new Fault.Reset(), 1, IsImport);

        await Rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web") with { Tags = import.Tags.Add("chain-sha256", "another") }, default);

        Assert.Equal(2, Rig.Vault.Find("web")!.Versions.Count);
        Assert.Equal("another", Rig.Vault.Find("web")!.Latest.Tags["chain-sha256"]);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(408)]
    public async Task An_import_fails_after_the_retries(int status)
    {
        Rig.Server.Faults.Next(new Fault.Status(status), 10, IsImport);

        var fault = await Assert.ThrowsAsync<VaultException>(() => Rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default));

        Assert.Equal(VaultFault.Unavailable, fault.Fault);
        Assert.Equal(1 + Rig.Settings.Retries, Rig.Requests.Count(static request => request.Method == "POST"));
    }

    [Fact]
    public async Task A_truncated_response_is_a_connection_fault_without_retries()
    {
        Rig.Settings = Rig.Settings with { Retries = 0 };
        Rig.Server.Faults.Next(new Fault.Truncate(), 2, static request => request.Headers.Authorization.Count > 0);
        var vault = Rig.Open();

        var import = await Assert.ThrowsAsync<VaultException>(() => vault.ImportAsync(KeyVaultCertificatesTests.Import("web"), default));
        var list = await Assert.ThrowsAsync<VaultException>(() => vault.ListAsync(default));

        Assert.Equal((VaultFault.Unreachable, VaultFault.Unreachable), (import.Fault, list.Fault));
    }

    [Fact]
    public async Task Retry_After_overrides_the_delay()
    {
        Rig.Settings = Rig.Settings with { RetryDelay = TimeSpan.FromMinutes(10) };
        Rig.Server.Faults.Next(Fault.Unavailable(0), 1, IsImport);

        await Rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default);

        Assert.Single(Rig.Vault.Find("web")!.Versions);
    }

    [Fact]
    public async Task A_long_Retry_After_is_limited()
    {
        Rig.Settings = Rig.Settings with { Patience = TimeSpan.FromMilliseconds(20) };
        Rig.Server.Faults.Next(Fault.Unavailable(int.MaxValue), 1, IsImport);

        await Rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default);

        Assert.Single(Rig.Vault.Find("web")!.Versions);
    }

    [Fact]
    public async Task A_throttled_import_is_retried_without_a_search()
    {
        Rig.Server.Faults.Next(Fault.TooManyRequests(0), 2, IsImport);

        await Rig.Open().ImportAsync(KeyVaultCertificatesTests.Import("web"), default);

        Assert.All(Rig.Requests, static request => Assert.Equal("POST", request.Method));
    }

    private static bool IsImport(HttpRequest request) =>
        request.Path.Value!.EndsWith("/import", StringComparison.Ordinal) && request.Headers.Authorization.Count > 0;
}
