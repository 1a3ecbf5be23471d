namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>The sentences for exceptions of Azure.Identity that no server here provokes.</summary>
public sealed class SignInFaultsTests
{
    [Theory]
    [InlineData(SignInMethod.ClientSecret, "AADSTS70021: No matching record.", "issuer, subject or audience differ", ExitCode.Failed)]
    [InlineData(SignInMethod.ClientSecret, "AADSTS90002: Tenant not found.", "has no tenant", ExitCode.Usage)]
    [InlineData(SignInMethod.ClientSecret, "AADSTS90061: Request to External OIDC endpoint failed.", "oidc verify", ExitCode.Failed)]
    [InlineData(SignInMethod.ClientSecret, "AADSTS7000222: expired keys.", "has expired", ExitCode.Usage)]
    [InlineData(SignInMethod.ClientSecret, "AADSTS700027: certificate.", "not registered", ExitCode.Usage)]
    [InlineData(SignInMethod.ClientSecret, "AADSTS53003: Access has been blocked.", "https://login.microsoftonline.com/error?code=53003", ExitCode.Failed)]
    [InlineData(SignInMethod.ClientSecret, "something new", "run with --verbose", ExitCode.Failed)]
    [InlineData(SignInMethod.WorkloadIdentity, "failed", "fsGroup", ExitCode.Failed)]
    [InlineData(SignInMethod.ManagedIdentity, "No endpoint.", "returned no token", ExitCode.Failed)]
    [InlineData(SignInMethod.AzureCli, "No endpoint.", "az login", ExitCode.Usage)]
    public void Explains_an_error(SignInMethod method, string error, string expected, ExitCode exitCode)
    {
        using var azure = FakeAzure.Vault(static _ => FakeAzure.Json(FakeAzure.List));
        var signIn = VaultCredentials.Create(method, new SignInEnvironment(static name => name == SignInEnvironment.AuthorityHostName ? null : "value"), azure.Settings);
        var failure = method == SignInMethod.WorkloadIdentity
            ? new AuthenticationFailedException(error, new UnauthorizedAccessException())
            : new AuthenticationFailedException(error);
        var fault = SignInFaults.Explain(failure, signIn, VaultAddress.Parse("prod", null).Value);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Equal(exitCode, fault.ExitCode);
    }
}
