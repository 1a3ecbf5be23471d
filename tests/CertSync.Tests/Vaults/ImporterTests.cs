using System.Buffers.Text;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Imports whose answers get lost, with the vault having acted or not.</summary>
public sealed class ImporterTests : VaultTest
{
    private readonly CertificateImport _import = Import("web");

    public static TheoryData<Fault[], string> Passing => new()
    {
        { [new Fault.Truncate()], "POST GET" },
        { [new Fault.Reset(), new Fault.Status(500)], "POST GET POST GET POST" },
        { [Fault.TooManyRequests(0), Fault.TooManyRequests(0)], "POST POST POST" },
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task An_import_is_looked_for_before_it_is_sent_again_unless_it_was_throttled(Fault[] faults, string requests)
    {
        Array.ForEach(faults, fault => Server.Faults.Next(fault, 1, IsImport));
        Assert.Equal(_import.Thumbprint, (await Open().ImportAsync(_import, default)).Thumbprint);
        Assert.Single(Vault.Find("web")!.Versions);
        Assert.Equal(requests, string.Join(' ', Requests.Select(static request => request.Method)));
    }

    [Fact]
    public async Task The_same_certificate_with_other_tags_is_not_the_result_of_an_import()
    {
        var current = await Open().ImportAsync(_import, default);
        Server.Faults.Next(new Fault.Reset(), 1, IsImport);
        await Open().ImportAsync(_import with { Current = current, Tags = _import.Tags.Add("chain-sha256", "another") }, default);
        Assert.Equal(2, Vault.Find("web")!.Versions.Count);
        Assert.Equal("another", Vault.Find("web")!.Latest.Tags["chain-sha256"]);
    }

    /// <summary>The import was decided on for what the vault had before.</summary>
    [Fact]
    public async Task An_import_whose_response_is_lost_is_not_sent_again_over_the_certificate_of_another_client()
    {
        Server.Faults.Next(new Fault.Reset(), 1, IsImport);
        var importing = Open();
        Vault.Seed("web", Pki.Renewed.Certificate);
        await AssertFaultAsync(VaultFault.Conflict, "another client changed the certificate", () => importing.ImportAsync(_import, default));
        Assert.Single(Vault.Find("web")!.Versions);
    }

    [Theory]
    [InlineData(503), InlineData(408)]
    public async Task An_import_fails_after_the_retries(int status)
    {
        Server.Faults.Next(new Fault.Status(status), 10, IsImport);
        await AssertFaultAsync(VaultFault.Unavailable, "", () => Open().ImportAsync(_import, default));
        Assert.Equal(1 + Settings.Retries, Requests.Count(static request => request.Method == "POST"));
    }

    [Fact]
    public async Task A_truncated_response_is_a_connection_fault_without_retries()
    {
        Settings = Settings with { Retries = 0 };
        Server.Faults.Next(new Fault.Truncate(), 2, Authorized);
        var vault = Open();
        await AssertFaultAsync(VaultFault.Unreachable, "", () => vault.ImportAsync(_import, default));
        await AssertFaultAsync(VaultFault.Unreachable, "", () => vault.ListAsync(default));
    }

    [Fact]
    public async Task Retry_After_overrides_the_delay()
    {
        Settings = Settings with { RetryDelay = TimeSpan.FromMinutes(10) };
        Server.Faults.Next(Fault.Unavailable(0), 1, IsImport);
        await Open().ImportAsync(_import, default);
        Assert.Single(Vault.Find("web")!.Versions);
    }

    /// <summary>The other vaults would wait with it.</summary>
    [Fact]
    public async Task A_vault_that_asks_to_import_in_an_hour_is_not_waited_for()
    {
        Server.Faults.Next(Fault.Unavailable(3600), 1, IsImport);
        await AssertFaultAsync(VaultFault.Unavailable, "", () => Open().ImportAsync(_import, default)).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Single(Requests);
    }

    [Theory]
    [InlineData("\"https://kv.vault.azure.net/certificates/web/0\",\"policy\":{\"key_props\":{\"key_size\":\"2048\"}}", null)]
    [InlineData("\"https://kv.vault.azure.net/certificates/web/0\",\"policy\":{\"key_props\":{\"key_size\":\"2048\"}}", VaultFault.ResponseUnreadable)]
    [InlineData("null", null)]
    [InlineData("5", null)]
    [InlineData("5", VaultFault.NotUnderstood)]
    public async Task An_import_with_an_unreadable_response_is_looked_for_once_and_found_with_a_warning(string id, VaultFault? expected)
    {
        var azure = Answering(id, expected is null ? _import.Thumbprint : Pki.Leaf.Thumbprint);
        var importing = azure.Open().ImportAsync(_import, default);
        if (expected is { } fault)
        {
            await AssertFaultAsync(fault, fault == VaultFault.NotUnderstood ? "HTTPS_PROXY" : "a value that Key Vault does not send", () => importing);
        }
        else
        {
            var stored = await importing;
            Assert.Equal(_import.Thumbprint, stored.Thumbprint);
            Assert.Contains("'web' is stored in Key Vault", stored.Warning, StringComparison.Ordinal);
        }

        Assert.Equal(["POST /certificates/web/import", "GET /certificates/web/versions"], azure.Requests);
    }

    /// <summary>Another certificate was current meanwhile. Without a time, it is not known which version is the new one.</summary>
    [Theory]
    [InlineData("1700000100", true)]
    [InlineData("1700000000", false)]
    [InlineData("1600000000", false)]
    [InlineData("null", false)]
    public async Task A_version_from_before_an_import_is_not_its_result(string created, bool isFound)
    {
        var current = new VaultCertificate("kv", "web", "another") { CreatedOn = DateTimeOffset.FromUnixTimeSeconds(1700000000) };
        var importing = Answering("5", _import.Thumbprint, created).Open().ImportAsync(_import with { Current = current }, default);
        Assert.Equal<ExitCode?>(isFound ? null : ExitCode.Failed, (await Record.ExceptionAsync(() => importing) as VaultException)?.ExitCode);
        Assert.Equal(isFound, importing.IsCompletedSuccessfully);
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

    /// <summary>A vault that answers an import with this id, and whose only version has the tags of the import.</summary>
    private FakeAzure Answering(string id, string thumbprint, string created = "null") => FakeAzure.Vault(request => FakeAzure.Json(request.Method == HttpMethod.Post
        ? $$$"""{"id":{{{id}}}}"""
        : $$$"""{"value":[{"id":"https://kv.vault.azure.net/certificates/web/0","x5t":"{{{Base64Url.EncodeToString(Convert.FromHexString(thumbprint))}}}","attributes":{"enabled":true,"created":{{{created}}}},"tags":{{{JsonSerializer.Serialize(_import.Tags)}}} }],"nextLink":null}"""));

    private static bool IsImport(HttpRequest request) => request.Path.Value!.EndsWith("/import", StringComparison.Ordinal) && Authorized(request);
}
