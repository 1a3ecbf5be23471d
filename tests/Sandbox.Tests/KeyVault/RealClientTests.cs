using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Sandbox.Tests.Entra;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

public sealed class RealClientTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    [Fact]
    public async Task A_certificate_is_imported_read_updated_deleted_recovered_and_purged()
    {
        using var file = new TokenFile(azure.Issuer.Token(LoopbackAzure.Subject));
        var vault = azure.NewVault(rights: VaultRights.CertificatesOfficer);
        var client = new CertificateClient(
            vault.Address,
            new WorkloadIdentityCredential(new WorkloadIdentityCredentialOptions
            {
                TenantId = azure.Tenant,
                ClientId = azure.Application.ClientId,
                TokenFilePath = file.Path,
                Transport = azure.Transport,
            }),
            new CertificateClientOptions { Transport = azure.Transport });
        using var certificate = TestCertificates.Rsa();

        KeyVaultCertificateWithPolicy imported = await client.ImportCertificateAsync(new ImportCertificateOptions("web", certificate.Export(X509ContentType.Pkcs12)) { Tags = { ["a"] = "1" } });
        Assert.Equal(certificate.GetCertHash(), imported.Properties.X509Thumbprint);
        Assert.Equal(certificate.RawData, imported.Cer);
        Assert.Equal("Unknown", imported.Policy.IssuerName);

        imported.Properties.Tags["b"] = "2";
        imported.Properties.Enabled = false;
        KeyVaultCertificate updated = await client.UpdateCertificatePropertiesAsync(imported.Properties);
        Assert.Equal((2, false), (updated.Properties.Tags.Count, updated.Properties.Enabled));

        CertificatePolicy policy = await client.GetCertificatePolicyAsync("web");
        policy.LifetimeActions.Clear();
        policy.LifetimeActions.Add(new LifetimeAction(CertificatePolicyAction.EmailContacts) { DaysBeforeExpiry = 14 });
        policy = await client.UpdateCertificatePolicyAsync("web", policy);
        Assert.Equal(14, Assert.Single(policy.LifetimeActions).DaysBeforeExpiry);

        var deletion = await client.StartDeleteCertificateAsync("web");
        Assert.Equal("web", (await deletion.WaitForCompletionAsync(TimeSpan.FromMilliseconds(10), CancellationToken.None)).Value.Name);
        var conflict = await Assert.ThrowsAsync<RequestFailedException>(() => client.ImportCertificateAsync(new ImportCertificateOptions("web", certificate.Export(X509ContentType.Pkcs12))));
        Assert.Equal((409, "Conflict"), (conflict.Status, conflict.ErrorCode));

        var recovery = await client.StartRecoverDeletedCertificateAsync("web");
        await recovery.WaitForCompletionAsync(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        Assert.Equal(CertificatePhase.Active, vault.PhaseOf("web"));

        await (await client.StartDeleteCertificateAsync("web")).WaitForCompletionAsync(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        await client.PurgeDeletedCertificateAsync("web");
        Assert.Empty(vault.Certificates);
    }

    [Fact]
    public async Task PEM_is_imported_and_its_secret_is_the_same_key()
    {
        var vault = azure.NewVault();
        using var certificate = TestCertificates.Rsa();

        await Client(vault).ImportCertificateAsync(new ImportCertificateOptions("pem", Encoding.UTF8.GetBytes(TestCertificates.Pem(certificate)))
        {
            Policy = new CertificatePolicy("Unknown", "CN=ignored") { ContentType = CertificateContentType.Pem },
        });

        Assert.Equal(TestCertificates.Pem(certificate), vault.Find("pem")!.Latest.ExportPem());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_certificate_is_listed_once_however_the_pages_are_cut(bool ragged)
    {
        var vault = azure.NewVault(new VaultOptions { RaggedPages = ragged });
        using var certificate = TestCertificates.Rsa();
        for (var i = 0; i < 130; i++)
        {
            vault.Seed($"name-{i}", certificate, new Dictionary<string, string> { ["number"] = $"{i}" });
        }

        vault.Delete("name-7");
        var client = Client(vault);
        var names = new List<string>();
        await foreach (var properties in client.GetPropertiesOfCertificatesAsync())
        {
            Assert.Equal($"name-{properties.Tags["number"]}", properties.Name);
            names.Add(properties.Name);
        }

        Assert.Equal(129, names.Distinct().Count());
        Assert.Equal(129, names.Count);
        var deleted = new List<string>();
        await foreach (var gone in client.GetDeletedCertificatesAsync())
        {
            deleted.Add(gone.Name);
        }

        Assert.Equal("name-7", Assert.Single(deleted));
    }

    [Fact]
    public async Task Ten_thousand_certificates_are_all_listed()
    {
        var vault = azure.NewVault();
        using var certificate = TestCertificates.Rsa();
        using var bare = X509CertificateLoader.LoadCertificate(certificate.RawData);
        for (var i = 0; i < 10_000; i++)
        {
            vault.Seed($"name-{i}", bare);
        }

        var count = 0;
        await foreach (var _ in Client(vault).GetPropertiesOfCertificatesAsync())
        {
            count++;
        }

        Assert.Equal(10_000, count);
    }

    [Fact]
    public async Task Throttled_requests_are_tried_again_after_the_time_that_the_answer_names()
    {
        var vault = azure.NewVault();
        azure.KeyVault.ForgetRequests();
        azure.KeyVault.Faults.Next(Fault.TooManyRequests(1), when: request => request.Headers.Authorization.Count > 0);
        azure.KeyVault.Faults.Next(Fault.Unavailable(1), when: request => request.Headers.Authorization.Count > 0);

        await foreach (var _ in Client(vault).GetPropertiesOfCertificatesAsync())
        {
        }

        Assert.Equal([401, 429, 503, 200], azure.KeyVault.Requests.Select(static request => request.Status));
    }

    [Fact]
    public async Task A_vault_takes_so_many_imports_in_ten_seconds_and_no_more()
    {
        var vault = azure.NewVault(new VaultOptions { Throttle = new ThrottleLimits(Imports: 3, RetryAfterSeconds: 5) });
        var client = new VaultClient(azure, vault);
        using var certificate = TestCertificates.Rsa();
        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            statuses.Add((await client.ImportAsync("name", TestCertificates.PfxText(certificate))).Status);
        }

        Assert.Equal([200, 200, 200, 429], statuses);
        Assert.Equal(200, (await client.GetAsync("/certificates")).Status);
        azure.Clock.Shift = TimeSpan.FromSeconds(11);
        Assert.Equal(200, (await client.ImportAsync("name", TestCertificates.PfxText(certificate))).Status);
        azure.Clock.Shift = TimeSpan.Zero;
    }

    [Fact]
    public async Task A_vault_in_another_cloud_is_reached_under_its_own_name()
    {
        var vault = azure.KeyVault.CreateVault("fed", azure.Tenant, new VaultOptions { Suffix = "vault.usgovcloudapi.net" }).Grant(azure.Application.ClientId, VaultRights.Read);
        var client = new CertificateClient(
            new Uri("https://FED.vault.usgovcloudapi.net"),
            new ClientSecretCredential(azure.Tenant, azure.Application.ClientId, "swordfish", new ClientSecretCredentialOptions { AuthorityHost = AzureAuthorityHosts.AzureGovernment, Transport = azure.Transport }),
            new CertificateClientOptions { Transport = azure.Transport });

        var missing = await Assert.ThrowsAsync<RequestFailedException>(() => client.GetCertificateAsync("none"));

        Assert.Equal((404, "CertificateNotFound"), (missing.Status, missing.ErrorCode));
        Assert.Same(vault, azure.KeyVault.Find("fed.vault.usgovcloudapi.net"));
        Assert.Null(azure.KeyVault.Find("fed"));
    }

    private CertificateClient Client(Vault vault) => new(
        vault.Address,
        new ClientSecretCredential(azure.Tenant, azure.Application.ClientId, "swordfish", new ClientSecretCredentialOptions { Transport = azure.Transport }),
        new CertificateClientOptions { Transport = azure.Transport });
}
