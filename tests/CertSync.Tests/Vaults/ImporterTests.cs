using System.Buffers.Text;
using Microsoft.AspNetCore.Http;
using static ClusterTrust.CertSync.Tests.Vaults.KeyVaultCertificatesTests;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Imports whose answers get lost, with the vault having acted or not.</summary>
public sealed class ImporterTests : VaultTest
{
    private readonly CertificateImport _import = Import("web");

    [Fact]
    public async Task An_import_whose_response_is_lost_is_found_and_not_sent_again()
    {
        Rig.Server.Faults.Next(new Fault.Truncate(), 1, IsImport);

        Assert.Equal(_import.Thumbprint, (await Rig.Open().ImportAsync(_import, default)).Thumbprint);
        AssertVersions(1);
        AssertRequests("POST", "GET");
    }

    [Fact]
    public async Task An_import_that_never_arrived_is_sent_again()
    {
        Rig.Server.Faults.Next(new Fault.Reset(), 1, IsImport);
        Rig.Server.Faults.Next(new Fault.Status(500), 1, IsImport);

        await Rig.Open().ImportAsync(_import, default);

        AssertVersions(1);
        AssertRequests("POST", "GET", "POST", "GET", "POST");
    }

    [Fact]
    public async Task A_throttled_import_is_retried_without_a_search()
    {
        Rig.Server.Faults.Next(Fault.TooManyRequests(0), 2, IsImport);

        await Rig.Open().ImportAsync(_import, default);

        AssertRequests("POST", "POST", "POST");
    }

    [Fact]
    public async Task The_same_certificate_with_other_tags_is_not_the_result_of_an_import()
    {
        var current = await Rig.Open().ImportAsync(_import, default);
        Rig.Server.Faults.Next(new Fault.Reset(), 1, IsImport);

        await Rig.Open().ImportAsync(_import with { Current = current, Tags = _import.Tags.Add("chain-sha256", "another") }, default);

        AssertVersions(2);
        Assert.Equal("another", Rig.Vault.Find("web")!.Latest.Tags["chain-sha256"]);
    }

    /// <summary>The import was decided on for what the vault had before.</summary>
    [Fact]
    public async Task An_import_whose_response_is_lost_is_not_sent_again_over_the_certificate_of_another_client()
    {
        Rig.Server.Faults.Next(new Fault.Reset(), 1, IsImport);
        var importing = Rig.Open();
        Rig.Vault.Seed("web", Pki.Renewed.Certificate);

        await VaultFaultTests.AssertFaultAsync(VaultFault.Conflict, "another client changed the certificate", () => importing.ImportAsync(_import, default));

        AssertVersions(1);
    }

    [Theory]
    [InlineData(503), InlineData(408)]
    public async Task An_import_fails_after_the_retries(int status)
    {
        Rig.Server.Faults.Next(new Fault.Status(status), 10, IsImport);

        await VaultFaultTests.AssertFaultAsync(VaultFault.Unavailable, "", () => Rig.Open().ImportAsync(_import, default));

        Assert.Equal(1 + Rig.Settings.Retries, Rig.Requests.Count(static request => request.Method == "POST"));
    }

    [Fact]
    public async Task A_truncated_response_is_a_connection_fault_without_retries()
    {
        Rig.Settings = Rig.Settings with { Retries = 0 };
        Rig.Server.Faults.Next(new Fault.Truncate(), 2, VaultFaultTests.Authorized);
        var vault = Rig.Open();

        await VaultFaultTests.AssertFaultAsync(VaultFault.Unreachable, "", () => vault.ImportAsync(_import, default));
        await VaultFaultTests.AssertFaultAsync(VaultFault.Unreachable, "", () => vault.ListAsync(default));
    }

    [Fact]
    public async Task Retry_After_overrides_the_delay()
    {
        Rig.Settings = Rig.Settings with { RetryDelay = TimeSpan.FromMinutes(10) };
        Rig.Server.Faults.Next(Fault.Unavailable(0), 1, IsImport);

        await Rig.Open().ImportAsync(_import, default);

        AssertVersions(1);
    }

    /// <summary>The other vaults would wait with it.</summary>
    [Fact]
    public async Task A_vault_that_asks_to_import_in_an_hour_is_not_waited_for()
    {
        Rig.Server.Faults.Next(Fault.Unavailable(3600), 1, IsImport);

        await VaultFaultTests.AssertFaultAsync(VaultFault.Unavailable, "", () => Rig.Open().ImportAsync(_import, default)).WaitAsync(TimeSpan.FromMinutes(1));
        AssertRequests("POST");
    }

    [Theory]
    [InlineData("\"https://kv.vault.azure.net/certificates/web/0\",\"policy\":{\"key_props\":{\"key_size\":\"2048\"}}", null)]
    [InlineData("\"https://kv.vault.azure.net/certificates/web/0\",\"policy\":{\"key_props\":{\"key_size\":\"2048\"}}", VaultFault.AnswerUnreadable)]
    [InlineData("null", null)]
    [InlineData("5", null)]
    [InlineData("5", VaultFault.NotUnderstood)]
    public async Task An_import_with_an_unreadable_response_is_looked_for_once_and_found_with_a_warning(string id, VaultFault? expected)
    {
        const string Id = "https://kv.vault.azure.net/certificates/web/0123456789abcdef0123456789abcdef";
        var isStored = expected is null;
        var x5t = isStored ? Base64Url.EncodeToString(Convert.FromHexString(_import.Thumbprint)) : "AAAA";
        var azure = FakeAzure.Vault(request => FakeAzure.Json(request.Method == HttpMethod.Post
            ? $$$"""{"id":{{{id}}}}"""
            : $$$"""{"value":[{"id":"{{{Id}}}","x5t":"{{{x5t}}}","attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000},"tags":{{{JsonSerializer.Serialize(_import.Tags)}}} }],"nextLink":null}"""));

        var importing = azure.Open().ImportAsync(_import, default);

        if (isStored)
        {
            var stored = await importing;
            Assert.Equal(_import.Thumbprint, stored.Thumbprint);
            Assert.Contains("'web' is stored in Key Vault", stored.Warning, StringComparison.Ordinal);
        }
        else
        {
            var fault = await Assert.ThrowsAsync<VaultException>(() => importing);
            Assert.Equal(expected, fault.Fault);
            Assert.Equal(expected == VaultFault.NotUnderstood, fault.Message.Contains("HTTPS_PROXY", StringComparison.Ordinal));
        }

        Assert.Equal(["POST /certificates/web/import", "GET /certificates/web/versions"], azure.Requests);
    }

    /// <summary>Another certificate was current meanwhile. Without a time, nothing tells which version is the new one.</summary>
    [Theory]
    [InlineData("1700000100", true)]
    [InlineData("1700000000", false)]
    [InlineData("1600000000", false)]
    [InlineData("null", false)]
    public async Task A_version_from_before_an_import_is_not_its_result(string created, bool isFound)
    {
        var azure = FakeAzure.Vault(request => FakeAzure.Json(request.Method == HttpMethod.Post
            ? """{"id":5}"""
            : $$$"""{"value":[{"id":"https://kv.vault.azure.net/certificates/web/0","x5t":"{{{Base64Url.EncodeToString(Convert.FromHexString(_import.Thumbprint))}}}","attributes":{"enabled":true,"created":{{{created}}}},"tags":{{{JsonSerializer.Serialize(_import.Tags)}}} }],"nextLink":null}"""));
        var current = new VaultCertificate("kv", "web", "another") { CreatedOn = DateTimeOffset.FromUnixTimeSeconds(1700000000) };

        var importing = azure.Open().ImportAsync(_import with { Current = current }, default);

        if (isFound)
        {
            Assert.Equal(_import.Thumbprint, (await importing).Thumbprint);
        }
        else
        {
            Assert.Equal(ExitCode.Failed, (await Assert.ThrowsAsync<VaultException>(() => importing)).ExitCode);
        }
    }

    /// <summary>As azure-keyvault-emulator answers: null for what a policy does not set, and x5t in hexadecimal.</summary>
    [Fact]
    public async Task One_whose_answer_has_nulls_is_read()
    {
        var azure = FakeAzure.Vault(_ => FakeAzure.Json(
            """{"id":"https://kv.vault.azure.net/certificates/web/0123456789abcdef0123456789abcdef","x5t":"X5T","attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000,"recoverableDays":null},"tags":{"cluster":"null"},"policy":{"lifetime_actions":[{"trigger":{"timeAfterCreate":"","days_before_expiry":null},"action":{"action_type":"EmailContacts"}}],"x509_props":{"validity_months":null},"key_props":{"key_size":null}}}"""
                .Replace("X5T", _import.Thumbprint.ToUpperInvariant(), StringComparison.Ordinal)));

        var stored = await azure.Open().ImportAsync(_import, default);
        var found = await azure.Open().FindAsync("web", default);

        Assert.Equal((_import.Thumbprint, null, "null"), (stored.Thumbprint, stored.Warning, stored.Tags["cluster"]));
        Assert.Equal((stored.Name, stored.Thumbprint, stored.NotBefore), (found!.Name, found.Thumbprint, found.NotBefore));
        Assert.Equal(["POST /certificates/web/import", "GET /certificates/web"], azure.Requests);
    }

    private void AssertVersions(int count) => Assert.Equal(count, Rig.Vault.Find("web")!.Versions.Count);

    private void AssertRequests(params string[] methods) => Assert.Equal(methods, Rig.Requests.Select(static request => request.Method));

    private static bool IsImport(HttpRequest request) =>
        request.Path.Value!.EndsWith("/import", StringComparison.Ordinal) && request.Headers.Authorization.Count > 0;
}
