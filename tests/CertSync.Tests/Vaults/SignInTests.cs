namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class SignInTests : VaultTest
{
    [Fact]
    public async Task Signs_in_with_the_ServiceAccounts_token()
    {
        Trust();
        Assert.Empty(await ListAsync(WithToken(WriteToken())));
    }

    [Fact]
    public async Task Signs_in_once_for_all_vaults()
    {
        var second = NewVault();
        var signIn = SignIn(SignInMethod.ClientSecret);
        await ListAsync(signIn);
        await Open(VaultAddress.Parse(second.Name, null).Value, signIn).ListAsync(default);
        Assert.Single(Azure.Entra.Requests, static request => request.Path.Contains("/token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("client.pfx", "")]
    [InlineData("client.pfx", "a password")]
    [InlineData("client.pem", "")]
    public async Task Signs_in_with_a_certificate(string file, string password)
    {
        var request = new CertificateRequest("CN=certsync", Pki.Rsa("client"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Application.AddCertificate(certificate);
        var path = Write(file, certificate.ExportCertificatePem() + "\n" + certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        if (file == "client.pfx")
        {
            await File.WriteAllBytesAsync(path, certificate.Export(X509ContentType.Pkcs12, password));
        }

        Assert.Empty(await ListAsync(SignIn(SignInMethod.ClientCertificate, (SignInEnvironment.CertificatePathName, path), (SignInEnvironment.CertificatePasswordName, password))));
    }

    [Fact]
    public async Task Shows_what_a_federated_credential_must_match_when_the_issuer_differs()
    {
        Trust(from: "https://example.github.io/other");
        Assert.Equal(
            $"Signing in to Azure for Key Vault prod failed: no federated credential of the application {Application.ClientId} matches the ServiceAccount's token (AADSTS700211, the issuer differs); it must have exactly issuer 'https://kubernetes.default.svc', subject 'system:serviceaccount:jobs:certsync' and audience 'api://AzureADTokenExchange'.",
            (await FaultAsync("", WithToken(WriteToken()))).Message);
    }

    [Theory]
    [InlineData("another subject", "(AADSTS700213, the subject differs)")]
    [InlineData("another audience", "the audience differs)", "audience 'api://SomethingElse'")]
    [InlineData("no credential", "no federated credential")]
    [InlineData("unpublished issuer", "discovery document (AADSTS50166) of https://kubernetes.default.svc; check with 'oidc verify'")]
    [InlineData("expired token", "AADSTS700024), which expires at 20")]
    [InlineData("missing file", "the token file /nowhere/token does not exist")]
    [InlineData("empty file", "is empty: store a token in it; check that the pod mounts")]
    [InlineData("blank file", "is empty: store a token in it; check that the pod mounts")]
    public async Task Explains_why_a_token_is_not_accepted(string what, string expected, string more = "")
    {
        if (what == "unpublished issuer")
        {
            Azure.Issuer.Faults.Always(new Fault.Status(404));
        }

        if (what != "no credential")
        {
            Trust(subject: what == "another subject" ? "system:serviceaccount:jobs:other" : "system:serviceaccount:jobs:certsync");
        }

        var fault = await FaultAsync(expected, WithToken(what switch
        {
            "another audience" => WriteToken("api://SomethingElse"),
            "expired token" => WriteToken(lifetime: TimeSpan.FromHours(-2)),
            "missing file" => "/nowhere/token",
            "empty file" => Write("token", ""),
            "blank file" => Write("token", " \n"),
            _ => WriteToken(),
        }));
        Assert.Contains(more, fault.Message, StringComparison.Ordinal);
        Assert.Equal(what.EndsWith(" file", StringComparison.Ordinal) ? ExitCode.Usage : ExitCode.Failed, fault.ExitCode);
    }

    [Theory]
    [InlineData(SignInEnvironment.ClientSecretName, "another", "AADSTS7000215")]
    [InlineData(SignInEnvironment.ClientIdName, "00000000-0000-0000-0000-000000000000", "has no application '00000000-0000-0000-0000-000000000000' (AADSTS700016)")]
    public async Task Explains_a_wrong_client_secret_or_application(string variable, string value, string expected) =>
        Assert.Equal(ExitCode.Usage, (await FaultAsync(expected, SignIn(SignInMethod.ClientSecret, (variable, value)))).ExitCode);

    [Fact]
    public Task Explains_that_Entra_ID_cannot_be_reached()
    {
        Broken = ("login.microsoftonline.com", SocketError.ConnectionRefused);
        return FaultAsync("login.microsoftonline.com cannot be reached: the connection was refused", SignIn(SignInMethod.ClientSecret));
    }

    private string WriteToken(string audience = FederatedCredential.DefaultAudience, TimeSpan? lifetime = null) =>
        Write("token", Azure.Issuer.IssueToken("jobs", "certsync", [audience], lifetime));

    private void Trust(string from = LoopbackAzure.IssuerUrl, string subject = "system:serviceaccount:jobs:certsync") =>
        Azure.Entra.AddFederatedCredential(Application.ClientId, from, subject);

    private VaultSignIn WithToken(string path) =>
        SignIn(SignInMethod.WorkloadIdentity, (SignInEnvironment.TokenFileName, path), (SignInEnvironment.ClientSecretName, null));

    private Task<IReadOnlyList<VaultCertificate>> ListAsync(VaultSignIn signIn) => Open(signIn: signIn).ListAsync(default);

    private Task<VaultException> FaultAsync(string sentence, VaultSignIn signIn) => AssertFaultAsync(VaultFault.SignInFailed, sentence, () => ListAsync(signIn));
}
