namespace ClusterTrust.Sandbox.Tests.KeyVault;

public sealed class RecordedExchangesTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    /// <summary>The X.509 properties of a policy, which certsync does not read.</summary>
    private const string Unread = "policy/x509_props";

    private static readonly VaultOptions SevenDays = new() { RecoverableDays = 7 };

    [Fact]
    public async Task The_challenge_is_that_of_the_recording()
    {
        var recorded = Recording.Exchange("01-import-pfx.json", 0)["response"]!;
        var reply = await new VaultClient(azure, "7.5").As(null).ImportAsync("1593022091", []);
        Assert.Equal((int)recorded["status"]!, reply.Status);
        Assert.True(JsonNode.DeepEquals(recorded["body"], reply.Json), reply.Text);
        AssertHeaders(recorded["headers"]!.AsObject(), reply);
        Assert.Equal($"Bearer authorization=\"https://login.microsoftonline.com/{azure.Tenant}\", resource=\"https://vault.azure.net\"", reply.Headers["WWW-Authenticate"]);
    }

    [Fact]
    public async Task The_import_of_a_PFX_and_its_deletion_answer_as_recorded()
    {
        var client = new VaultClient(azure, "7.5", SevenDays);
        using var certificate = TestCertificates.Rsa(
            "C=AU, S=Some-State, O=Internet Widgits Pty Ltd",
            from: new DateTimeOffset(2021, 8, 6, 17, 20, 37, TimeSpan.Zero),
            to: new DateTimeOffset(2121, 7, 13, 17, 20, 37, TimeSpan.Zero));

        var import = await client.ImportAsync("1593022091", new JsonObject
        {
            ["attributes"] = new JsonObject { ["enabled"] = false },
            ["value"] = TestCertificates.Pfx(certificate),
        });
        var deletion = await client.SendAsync("DELETE", "/certificates/1593022091");

        foreach (var (reply, index) in new[] { (import, 1), (deletion, 2) })
        {
            var recorded = Recording.Exchange("01-import-pfx.json", index)["response"]!;
            var body = recorded["body"]!;
            Assert.Equal((int)recorded["status"]!, reply.Status);
            AssertHeaders(recorded["headers"]!.AsObject(), reply);
            Assert.Equal(Recording.Shape(body, Unread), Recording.Shape(reply.Json, Unread));
            Assert.Equal(body.AsObject().Select(static member => member.Key), reply.Json.Select(static member => member.Key));
            AssertSamePolicy(body["policy"]!, reply.Json["policy"]!);
            Assert.All(["enabled", "nbf", "exp", "recoveryLevel", "recoverableDays"], name => Assert.Equal($"{body["attributes"]![name]}", $"{reply.Json["attributes"]![name]}"));
        }

        Assert.Equal((long)deletion.Json["deletedDate"]! + 7 * 86_400, (long)deletion.Json["scheduledPurgeDate"]!);
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(certificate.GetCertHash()), (string?)import.Json["x5t"]);
    }

    [Fact]
    public async Task The_import_of_PEM_answers_as_recorded()
    {
        var recorded = Recording.Exchange("02-import-pem.json", 0);
        using var certificate = TestCertificates.Rsa(
            "CN=Azure SDK",
            from: new DateTimeOffset(2021, 11, 1, 21, 38, 51, TimeSpan.Zero),
            to: new DateTimeOffset(2031, 11, 1, 21, 38, 51, TimeSpan.Zero));
        var body = recorded["request"]!["body"]!.DeepClone().AsObject();
        body["value"] = TestCertificates.Pem(certificate);
        var reply = await new VaultClient(azure, "7.6-preview.1", SevenDays).SendAsync("POST", "/certificates//170868539/import", body);
        Assert.Equal(200, reply.Status);
        Assert.Equal(Recording.Shape(recorded["response"]!["body"], Unread), Recording.Shape(reply.Json, Unread));
        AssertSamePolicy(recorded["response"]!["body"]!["policy"]!, reply.Json["policy"]!);
    }

    [Fact]
    public async Task A_further_import_makes_a_version_with_only_the_tags_of_its_request()
    {
        var client = new VaultClient(azure);
        var body = new JsonObject { ["value"] = TestCertificates.Pfx(TestCertificates.Rsa()), ["tags"] = new JsonObject { ["a"] = "1" } };
        var first = await client.ImportAsync("Name", body);
        body.Remove("tags");
        var second = await client.ImportAsync("nAME", body);
        Assert.NotEqual((string?)first.Json["id"], (string?)second.Json["id"]);
        Assert.Equal("1", (string?)first.Json["tags"]!["a"]);
        Assert.Null(second.Json["tags"]);
        var stored = Assert.Single(client.Vault.Certificates);
        Assert.Equal(("Name", 2), (stored.Name, stored.Versions.Count));
        Assert.Equal(2, (await client.GetAsync("/certificates/NAME/versions")).Json["value"]!.AsArray().Count);
    }

    [Fact]
    public async Task Deletion_and_recovery_take_their_time_as_recorded()
    {
        const string path = "certificates/3575422782";
        var client = new VaultClient(azure, "7.5", new VaultOptions { DeleteDelay = TimeSpan.FromSeconds(10), RecoverDelay = TimeSpan.FromSeconds(10) });
        var import = new JsonObject { ["value"] = TestCertificates.Pfx(TestCertificates.Rsa()) };
        await client.ImportAsync("3575422782", import);

        await StepAsync(0, "DELETE", $"/{path}", "ObjectIsBeingDeleted");
        await StepAsync(1, "GET", $"/deleted{path}", "ObjectIsBeingDeleted");
        azure.Clock.Offset += TimeSpan.FromSeconds(11);
        await StepAsync(2, "GET", $"/deleted{path}", "ObjectIsDeletedButRecoverable");
        await StepAsync(3, "POST", $"/deleted{path}/recover", "ObjectIsBeingRecovered");
        await StepAsync(4, "GET", $"/{path}/", "ObjectIsBeingRecovered");
        azure.Clock.Offset += TimeSpan.FromSeconds(11);
        await StepAsync(5, "GET", $"/{path}/", null);
        azure.Clock.Offset = TimeSpan.Zero;

        async Task StepAsync(int index, string method, string address, string? errorOfImport)
        {
            var recorded = Recording.Exchange("03-delete-recover-purge.json", index);
            var reply = await client.SendAsync(method, address);
            Assert.True((int)recorded["status"]! == reply.Status, $"Step {index}: {reply.Status} {reply.Text}");
            if (recorded["body"] is JsonObject body)
            {
                Assert.True(JsonNode.DeepEquals(body, reply.Json), reply.Text);
            }

            if (recorded["body_keys"] is JsonArray keys)
            {
                // The recorded certificate was made by the vault, which adds `pending`; an imported one has none.
                Assert.Equal(keys.Select(static key => (string)key!).Where(static key => key != "pending"), reply.Json.Select(static member => member.Key));
            }

            Assert.Equal(errorOfImport, (await client.ImportAsync("3575422782", import)).InnerCode);
        }
    }

    [Fact]
    public async Task A_list_and_the_versions_of_an_unknown_name_answer_as_recorded()
    {
        var client = new VaultClient(azure, "7.3");
        client.Vault.Seed("BackupRestoreCertificate", TestCertificates.Rsa());
        client.Vault.Seed("GetCertificate", TestCertificates.Rsa());
        var reply = await client.GetAsync("/certificates");
        var none = await client.GetAsync("/certificates/GetPropertiesOfCertificatesVersionsNoCert/versions");
        Assert.True(JsonNode.DeepEquals(Recording.Exchange("05-list-versions-of-unknown.json", 0)["body"], none.Json), none.Text);
        Assert.Equal(Recording.Shape(Recording.Exchange("04-list-certificates.json", 0)["body"]), Recording.Shape(reply.Json));
        Assert.Equal($"https://{client.Vault.Host}/certificates/BackupRestoreCertificate", (string?)reply.Json["value"]![0]!["id"]);
    }

    [Fact]
    public async Task An_update_answers_as_recorded()
    {
        var client = new VaultClient(azure, "7.3");
        var version = client.Vault.Seed("UpdateCertificate", TestCertificates.Rsa("CN=xyz"), policy: new StoredPolicy("Self"));
        var before = await client.GetAsync("/certificates/UpdateCertificate");
        var after = await client.SendAsync("PATCH", $"/certificates/UpdateCertificate/{version.Id}", new JsonObject { ["attributes"] = new JsonObject { ["enabled"] = false } });
        Assert.Equal(Recording.Shape(Recording.Exchange("06-update-certificate-patch.json", 0)["body"], "pending", Unread), Recording.Shape(before.Json, Unread));
        Assert.Equal(Recording.Shape(Recording.Exchange("06-update-certificate-patch.json", 1)["body"], "pending"), Recording.Shape(after.Json));
        Assert.False((bool)after.Json["attributes"]!["enabled"]!);
        Assert.Equal("Recoverable+Purgeable", (string?)after.Json["attributes"]!["recoveryLevel"]);
    }

    [Fact]
    public async Task A_further_page_is_named_as_recorded()
    {
        var client = new VaultClient(azure, "7.3");
        for (var i = 0; i < 30; i++)
        {
            client.Vault.Seed($"name-{i:d2}", TestCertificates.Rsa());
        }

        var recorded = new Uri((string)Recording.Exchange("08-list-secrets-page.json", 1)["body"]!["nextLink"]!);
        var first = await client.GetAsync("/certificates");
        var link = (string)first.Json["nextLink"]!;
        var second = await client.GetAsync(new Uri(link).PathAndQuery);

        Assert.StartsWith($"https://{client.Vault.Host}:443/certificates?api-version=7.3&$skiptoken=", link, StringComparison.Ordinal);
        Assert.StartsWith("?api-version=7.3&$skiptoken=", recorded.Query, StringComparison.Ordinal);
        Assert.Equal((25, 5), (first.Json["value"]!.AsArray().Count, second.Json["value"]!.AsArray().Count));
        Assert.Null(second.Json["nextLink"]);
    }

    private static void AssertHeaders(JsonObject recorded, Answer reply)
    {
        foreach (var (name, value) in recorded)
        {
            Assert.True(reply.Headers.ContainsKey(name), $"The header {name} is missing.");
            if (!name.StartsWith("x-ms-", StringComparison.Ordinal) && name != "WWW-Authenticate")
            {
                Assert.Equal((string?)value, reply.Headers[name]);
            }
        }
    }

    private static void AssertSamePolicy(JsonNode recorded, JsonNode answered) => Assert.All(
        ["key_props", "secret_props", "lifetime_actions", "issuer"],
        part => Assert.True(JsonNode.DeepEquals(recorded[part], answered[part]), $"{part}: {answered[part]!.ToJsonString()}"));
}
