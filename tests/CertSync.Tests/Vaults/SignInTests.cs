namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class SignInTests : VaultTest
{
    [Fact]
    public async Task Signs_in_with_the_ServiceAccounts_token()
    {
        Rig.Trust();

        Assert.Empty(await List(WithToken(Rig.WriteToken())));
    }

    [Fact]
    public async Task Signs_in_once_for_all_vaults()
    {
        var second = Rig.NewVault();
        var signIn = Rig.SignIn(SignInMethod.ClientSecret);

        await List(signIn);
        await Rig.Open(VaultAddress.Parse(second.Name, null).Value, signIn).ListAsync(default);

        Assert.Single(Rig.Entra.Requests, static request => request.Path.Contains("/token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("client.pfx", "")]
    [InlineData("client.pfx", "a password")]
    [InlineData("client.pem", "")]
    public async Task Signs_in_with_a_certificate(string file, string password)
    {
        var request = new CertificateRequest("CN=certsync", Pki.Rsa("client"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Rig.Application.AddCertificate(certificate);
        var path = Rig.Write(file, certificate.ExportCertificatePem() + "\n" + certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        if (file == "client.pfx")
        {
            await File.WriteAllBytesAsync(path, certificate.Export(X509ContentType.Pkcs12, password));
        }

        Assert.Empty(await List(Rig.SignIn(SignInMethod.ClientCertificate, (SignInEnvironment.CertificatePathName, path), (SignInEnvironment.CertificatePasswordName, password))));
    }

    [Fact]
    public async Task Shows_what_a_federated_credential_must_match_when_the_issuer_differs()
    {
        Rig.Trust(from: "https://example.github.io/other");

        Assert.Equal(
            $"Signing in to Azure for Key Vault prod failed: no federated credential of the application {Rig.Application.ClientId} matches the ServiceAccount's token (AADSTS700211, the issuer differs); it must have exactly issuer 'https://kubernetes.default.svc', subject 'system:serviceaccount:jobs:certsync' and audience 'api://AzureADTokenExchange'.",
            (await FaultOf(WithToken(Rig.WriteToken()))).Message);
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
    public async Task Explains_why_a_token_is_not_accepted(string what, params string[] expected)
    {
        if (what == "unpublished issuer")
        {
            Rig.Azure.Issuer.Faults.Always(new Fault.Status(404));
        }

        if (what != "no credential")
        {
            Rig.Trust(subject: what == "another subject" ? "system:serviceaccount:jobs:other" : "system:serviceaccount:jobs:certsync");
        }

        var fault = await FaultOf(WithToken(what switch
        {
            "another audience" => Rig.WriteToken("api://SomethingElse"),
            "expired token" => Rig.WriteToken(lifetime: TimeSpan.FromHours(-2)),
            "missing file" => "/nowhere/token",
            "empty file" => Rig.Write("token", ""),
            "blank file" => Rig.Write("token", " \n"),
            _ => Rig.WriteToken(),
        }));

        Assert.All(expected, text => Assert.Contains(text, fault.Message, StringComparison.Ordinal));
        Assert.Equal(what.EndsWith(" file", StringComparison.Ordinal) ? ExitCode.Usage : ExitCode.Failed, fault.ExitCode);
    }

    [Theory]
    [InlineData(SignInEnvironment.ClientSecretName, "another", "AADSTS7000215")]
    [InlineData(SignInEnvironment.ClientIdName, "00000000-0000-0000-0000-000000000000", "has no application '00000000-0000-0000-0000-000000000000' (AADSTS700016)")]
    public async Task Explains_a_wrong_client_secret_or_application(string variable, string value, string expected)
    {
        var fault = await FaultOf(Rig.SignIn(SignInMethod.ClientSecret, (variable, value)));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_that_Entra_ID_cannot_be_reached()
    {
        Rig.Broken = ("login.microsoftonline.com", SocketError.ConnectionRefused);

        var fault = await FaultOf(Rig.SignIn(SignInMethod.ClientSecret));

        Assert.Contains("login.microsoftonline.com cannot be reached: the connection was refused", fault.Message, StringComparison.Ordinal);
    }

    private VaultSignIn WithToken(string path) =>
        Rig.SignIn(SignInMethod.WorkloadIdentity, (SignInEnvironment.TokenFileName, path), (SignInEnvironment.ClientSecretName, null));

    private Task<IReadOnlyList<VaultCertificate>> List(VaultSignIn signIn) => Rig.Open(signIn: signIn).ListAsync(default);

    private async Task<VaultException> FaultOf(VaultSignIn signIn)
    {
        var fault = await Assert.ThrowsAsync<VaultException>(() => List(signIn));
        Assert.Equal(VaultFault.SignInFailed, fault.Fault);
        Assert.DoesNotContain("eyJ", fault.ToString(), StringComparison.Ordinal);
        return fault;
    }
}
