using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Identity;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class SignInTests : IAsyncLifetime
{
    private VaultRig rig = null!;

    public async Task InitializeAsync() => rig = await VaultRig.StartAsync();

    public Task DisposeAsync() => rig.DisposeAsync().AsTask();

    [Fact]
    public async Task Signs_in_with_the_ServiceAccounts_token()
    {
        rig.Trust();

        Assert.Empty(await List(WithToken(rig.WriteToken())));
    }

    [Fact]
    public async Task Signs_in_once_for_all_vaults()
    {
        var second = rig.Server.CreateVault($"kv{Guid.NewGuid():N}"[..20], rig.Application.TenantId);
        second.Grant(rig.Application.ObjectId, VaultRights.Read);
        var signIn = rig.SignIn(SignInMethod.ClientSecret);

        await rig.Open(signIn: signIn).ListAsync(default);
        await rig.Open(VaultAddress.Parse(second.Name, null, out _), signIn).ListAsync(default);

        Assert.Single(rig.Entra.Requests, request => request.Path.Contains("/token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a password")]
    public async Task Signs_in_with_a_certificate_in_a_PFX(string password)
    {
        using var certificate = Certificate();
        rig.Application.AddCertificate(certificate);
        var path = rig.Write("client.pfx", "");
        await File.WriteAllBytesAsync(path, certificate.Export(X509ContentType.Pkcs12, password));

        Assert.Empty(await List(rig.SignIn(SignInMethod.ClientCertificate, (SignInEnvironment.CertificatePathName, path), (SignInEnvironment.CertificatePasswordName, password))));
    }

    [Fact]
    public async Task Signs_in_with_a_certificate_in_PEM()
    {
        using var certificate = Certificate();
        rig.Application.AddCertificate(certificate);
        var path = rig.Write("client.pem", certificate.ExportCertificatePem() + "\n" + certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());

        Assert.Empty(await List(rig.SignIn(SignInMethod.ClientCertificate, (SignInEnvironment.CertificatePathName, path))));
    }

    [Fact]
    public async Task Shows_what_a_federated_credential_must_match_when_the_issuer_differs()
    {
        rig.Trust(from: "https://example.github.io/other");

        Assert.Equal(
            $"Signing in to Azure for Key Vault prod failed: no federated credential of the application {rig.Application.ClientId} matches the ServiceAccount's token (AADSTS700211, the issuer differs); it must have exactly issuer 'https://example.github.io/cluster-a', subject 'system:serviceaccount:jobs:certsync' and audience 'api://AzureADTokenExchange'.",
            (await FaultOf(WithToken(rig.WriteToken()))).Message);
    }

    [Fact]
    public async Task Says_that_the_subject_differs()
    {
        rig.Trust(subject: "system:serviceaccount:jobs:other");

        Assert.Contains("(AADSTS700213, the subject differs)", (await FaultOf(WithToken(rig.WriteToken()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_the_audience_differs()
    {
        rig.Trust();

        var fault = await FaultOf(WithToken(rig.WriteToken("api://SomethingElse")));

        Assert.Contains("the audience differs", fault.Message, StringComparison.Ordinal);
        Assert.Contains("audience 'api://SomethingElse'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_is_no_federated_credential()
    {
        Assert.Contains("no federated credential", (await FaultOf(WithToken(rig.WriteToken()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_the_issuers_documents_cannot_be_read()
    {
        rig.Trust();
        rig.IssuerIsPublished = false;

        var fault = await FaultOf(WithToken(rig.WriteToken()));

        Assert.Contains("discovery document (AADSTS50166) of https://example.github.io/cluster-a; see with 'oidc verify'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_when_the_token_ended()
    {
        rig.Trust();

        var fault = await FaultOf(WithToken(rig.WriteToken(lifetime: TimeSpan.FromHours(-2))));

        Assert.Contains("AADSTS700024", fault.Message, StringComparison.Ordinal);
        Assert.Matches(@"which ends at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fault.Message);
    }

    [Fact]
    public async Task Says_that_the_token_file_is_missing()
    {
        var fault = await FaultOf(WithToken("/nowhere/token"));

        Assert.Contains("there is no token file /nowhere/token", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task Says_that_the_token_file_is_empty(string content)
    {
        var file = rig.Write("token", content);

        var fault = await FaultOf(WithToken(file));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains($"the token file {file} is empty: store a token in it; see that the pod mounts", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_the_client_secret_is_wrong()
    {
        var fault = await FaultOf(rig.SignIn(SignInMethod.ClientSecret, (SignInEnvironment.ClientSecretName, "another")));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("AADSTS7000215", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_is_no_such_application()
    {
        var fault = await FaultOf(rig.SignIn(SignInMethod.ClientSecret, (SignInEnvironment.ClientIdName, Guid.Empty.ToString())));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains($"has no application '{Guid.Empty}' (AADSTS700016)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_Entra_cannot_be_reached()
    {
        rig.Broken = ("login.microsoftonline.com", System.Net.Sockets.SocketError.ConnectionRefused);

        var fault = await FaultOf(rig.SignIn(SignInMethod.ClientSecret));

        Assert.Contains("login.microsoftonline.com cannot be reached: the connection was refused", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AADSTS70021: No matching record.", "issuer, subject or audience differ", ExitCode.Failed)]
    [InlineData("AADSTS90002: Tenant not found.", "has no tenant", ExitCode.Usage)]
    [InlineData("AADSTS90061: Request to External OIDC endpoint failed.", "oidc verify", ExitCode.Failed)]
    [InlineData("AADSTS7000222: expired keys.", "has expired", ExitCode.Usage)]
    [InlineData("AADSTS700027: certificate.", "not registered", ExitCode.Usage)]
    [InlineData("AADSTS53003: Access has been blocked.", "https://login.microsoftonline.com/error?code=53003", ExitCode.Failed)]
    [InlineData("something new", "run with --verbose", ExitCode.Failed)]
    public void Explains_Entras_other_codes(string said, string expected, ExitCode exitCode)
    {
        var fault = SignInFaults.Explain(new AuthenticationFailedException(said), rig.SignIn(SignInMethod.ClientSecret), rig.Address);

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Equal(exitCode, fault.ExitCode);
    }

    [Theory]
    [InlineData(SignInMethod.ManagedIdentity, "gave no token")]
    [InlineData(SignInMethod.AzureCli, "az login")]
    public void Explains_a_credential_that_is_not_there(SignInMethod method, string expected)
    {
        var fault = SignInFaults.Explain(new CredentialUnavailableException("No endpoint."), rig.SignIn(method), rig.Address);

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tells_a_token_file_that_may_not_be_read_apart()
    {
        var denied = new AuthenticationFailedException("failed", new UnauthorizedAccessException());

        Assert.Contains("fsGroup", SignInFaults.Explain(denied, WithToken("/token"), rig.Address).Message, StringComparison.Ordinal);
    }

    private VaultSignIn WithToken(string path) =>
        rig.SignIn(SignInMethod.WorkloadIdentity, (SignInEnvironment.TokenFileName, path), (SignInEnvironment.ClientSecretName, null));

    private Task<IReadOnlyList<VaultCertificate>> List(VaultSignIn signIn) => rig.Open(signIn: signIn).ListAsync(default);

    private async Task<VaultException> FaultOf(VaultSignIn signIn)
    {
        var fault = await Assert.ThrowsAsync<VaultException>(() => List(signIn));
        Assert.Equal(VaultFault.SignInFailed, fault.Fault);
        Assert.DoesNotContain("eyJ", fault.ToString(), StringComparison.Ordinal);
        return fault;
    }

    private static X509Certificate2 Certificate()
    {
        var request = new CertificateRequest("CN=certsync", Pki.Rsa("client"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
