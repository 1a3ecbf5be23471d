using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Identity;

namespace ClusterTrust.Sandbox.Tests.Entra;

public sealed class RealCredentialTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    private static readonly TokenRequestContext Vault = new(["https://vault.azure.net/.default"]);

    [Fact]
    public async Task WorkloadIdentityCredential_signs_in_with_instance_discovery_left_on()
    {
        using var file = new TokenFile(azure.Issuer.Token(LoopbackAzure.Subject));
        var credential = new WorkloadIdentityCredential(new WorkloadIdentityCredentialOptions
        {
            TenantId = azure.Tenant,
            ClientId = azure.Application.ClientId,
            TokenFilePath = file.Path,
            Transport = azure.Transport,
        });

        var token = await credential.GetTokenAsync(Vault, CancellationToken.None);

        Assert.Equal(azure.Application.ObjectId, azure.Entra.Validate(token.Token)!.ObjectId);
    }

    [Fact]
    public async Task WorkloadIdentityCredential_shows_the_code_of_a_refusal()
    {
        using var file = new TokenFile(azure.Issuer.Token("system:serviceaccount:other:other"));
        var credential = new WorkloadIdentityCredential(new WorkloadIdentityCredentialOptions
        {
            TenantId = azure.Tenant,
            ClientId = azure.Application.ClientId,
            TokenFilePath = file.Path,
            Transport = azure.Transport,
        });

        var refusal = await Assert.ThrowsAsync<AuthenticationFailedException>(async () => await credential.GetTokenAsync(Vault, CancellationToken.None));

        Assert.Contains("AADSTS700213", refusal.InnerException!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://login.microsoftonline.com/", "https://vault.azure.net")]
    [InlineData("https://login.microsoftonline.us/", "https://vault.usgovcloudapi.net")]
    [InlineData("https://login.chinacloudapi.cn/", "https://vault.azure.cn")]
    public async Task ClientSecretCredential_signs_in_to_each_cloud(string authority, string resource)
    {
        var credential = new ClientSecretCredential(azure.Tenant, azure.Application.ClientId, "swordfish", new ClientSecretCredentialOptions
        {
            AuthorityHost = new Uri(authority),
            Transport = azure.Transport,
        });

        var token = await credential.GetTokenAsync(new TokenRequestContext([$"{resource}/.default"]), CancellationToken.None);

        Assert.Equal(resource, azure.Entra.Validate(token.Token)!.Audience);
    }

    [Fact]
    public async Task ClientSecretCredential_hears_that_its_secret_is_wrong()
    {
        var credential = new ClientSecretCredential(azure.Tenant, azure.Application.ClientId, "wrong", new ClientSecretCredentialOptions { Transport = azure.Transport });
        var refusal = await Assert.ThrowsAsync<AuthenticationFailedException>(async () => await credential.GetTokenAsync(Vault, CancellationToken.None));
        Assert.Contains("AADSTS7000215", refusal.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientCertificateCredential_signs_in_with_a_registered_certificate_only()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=app", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var options = new ClientCertificateCredentialOptions { Transport = azure.Transport };
        var application = azure.Entra.Directory.AddApplication(azure.Tenant);
        var refusal = await Assert.ThrowsAsync<AuthenticationFailedException>(async () =>
            await new ClientCertificateCredential(azure.Tenant, application.ClientId, certificate, options).GetTokenAsync(Vault, CancellationToken.None));
        Assert.Contains("AADSTS700027", refusal.InnerException!.Message, StringComparison.Ordinal);

        application.AddCertificate(certificate);
        var token = await new ClientCertificateCredential(azure.Tenant, application.ClientId, certificate, options).GetTokenAsync(Vault, CancellationToken.None);

        Assert.Equal(application.ClientId, azure.Entra.Validate(token.Token)!.ClientId);
    }

    [Fact]
    public void An_access_token_is_known_by_its_signature_and_until_its_end()
    {
        var token = azure.Entra.IssueToken(azure.Application, lifetime: TimeSpan.FromMinutes(10));
        Assert.NotNull(azure.Entra.Validate(token));
        Assert.Null(azure.Entra.Validate($"{token[..^4]}AAAA"));
        azure.Clock.Shift = TimeSpan.FromMinutes(11);
        Assert.Null(azure.Entra.Validate(token));
        azure.Clock.Shift = TimeSpan.Zero;
    }
}
