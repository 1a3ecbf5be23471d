namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubAppTests(GitHost host) : GitHubTest(host)
{
    private static readonly RSA Key = RSA.Create(2048);

    public static TheoryData<string> Keys => [Key.ExportRSAPrivateKeyPem(), Key.ExportPkcs8PrivateKeyPem(), Key.ExportRSAPrivateKeyPem().Replace("\n", "\\n", StringComparison.Ordinal)];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task An_app_finds_its_installation_and_asks_for_no_more_than_it_needs(string pem)
    {
        await ReadAsync(AppOptions(pem));

        var request = Assert.Single(Server.TokenRequests);
        Assert.Equal("""{"repositories":["pages"],"permissions":{"contents":"write"}}""", request.ToJsonString());
    }

    [Fact]
    public async Task The_app_proves_itself_by_a_token_of_less_than_ten_minutes()
    {
        await ReadAsync(AppOptions());

        var parts = Server.Jwts[0].Split('.');
        Assert.True(Key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal("""{"alg":"RS256","typ":"JWT"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        Assert.Equal("Iv1.client", claims["iss"]!.GetValue<string>());
        Assert.InRange(claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>(), 60, 600);
    }

    [Fact]
    public async Task A_token_is_asked_for_again_where_that_may_help_and_used_until_shortly_before_it_expires()
    {
        Server.Faults.Next(Fault.Unavailable(), when: request => request.Path.Value!.StartsWith("/app/", StringComparison.Ordinal));
        Server.Faults.Next(GitHubServer.Problem(401, "Bad credentials"), when: static request => request.Path.Value!.Contains("/branches/", StringComparison.Ordinal));
        var repository = Open(AppOptions());
        await repository.ReadAsync();
        await repository.ReadAsync();
        Assert.Single(Server.TokenRequests);
        Server.TokenExpiry = DateTimeOffset.UtcNow.AddMinutes(4);
        await ReadAsync(AppOptions());
        Assert.True(Server.TokenRequests.Count > 2);
    }

    [Fact]
    public async Task A_configured_installation_is_not_looked_up()
    {
        await ReadAsync(AppOptions(installation: GitHubServer.InstallationId));
        Assert.DoesNotContain(Server.Requests, request => request.Path.EndsWith("/installation", StringComparison.Ordinal));
        await Assert.FaultAsync(
            ExitCode.Usage,
            "The GitHub App Iv1.client has no installation 1: correct the installation id, or remove it to use the one of the repository (GitHub answered 404: 'Not Found').",
            () => ReadAsync(AppOptions(installation: 1)));
    }

    [Theory]
    [InlineData(401, "A JSON web token could not be decoded", "GitHub does not accept the key ")]
    [InlineData(404, "Not Found", "The GitHub App Iv1.client is not installed on octo/pages: install it there, or correct --repository")]
    [InlineData(422, "The permissions requested are not granted to this installation.", "The installation of the GitHub App Iv1.client has no write access to the contents of octo/pages")]
    [InlineData(403, "This installation has been suspended", "The installation of the GitHub App on the owner of octo/pages is suspended: unsuspend it in the organization's settings")]
    public async Task A_refusal_of_an_app_is_explained(int status, string message, string sentence)
    {
        Server.Faults.Next(GitHubServer.Problem(status, message), when: request =>
            status == 404 ? request.Path.Value!.EndsWith("/installation", StringComparison.Ordinal) : request.Path.Value!.StartsWith("/app/", StringComparison.Ordinal));
        var fault = await Assert.FaultAsync(ExitCode.Usage, sentence, () => ReadAsync(AppOptions()));
        Assert.EndsWith($"(GitHub answered {status}: '{message}').", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_an_RSA_key_is_an_error()
    {
        var (text, other) = (AppOptions("no key"), AppOptions(ECDsa.Create().ExportPkcs8PrivateKeyPem()));
        await RefusesAsync(text, $"The private key of the GitHub App '{text.App!.PrivateKeyFile}' contains text without the BEGIN and END lines of PEM instead of a private key in PEM: give the file that the issuer wrote, with its BEGIN and END lines.");
        await RefusesAsync(other, $"The GitHub App's key {other.App!.PrivateKeyFile} is not an RSA private key in PEM format: use the file that GitHub generated for the App.");
        await RefusesAsync(text with { App = text.App with { PrivateKeyFile = "/nowhere/app.pem" } }, "There is no private key of the GitHub App '/nowhere/app.pem'");
        Task RefusesAsync(GitHubOptions options, string sentence) => Assert.FaultAsync(ExitCode.Usage, sentence, () => ReadAsync(options));
    }

    private GitHubOptions AppOptions(string? pem = null, long? installation = null) => Options with
    {
        Token = null,
        App = new GitHubAppOptions("Iv1.client", Host.Write(pem ?? Key.ExportRSAPrivateKeyPem()), installation),
    };
}
