using Azure.Identity;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class VaultCredentialsTests
{
    [Theory]
    [InlineData("", SignInMethod.AzureCli)]
    [InlineData("KUBERNETES_SERVICE_HOST", SignInMethod.ManagedIdentity)]
    [InlineData("IDENTITY_ENDPOINT", SignInMethod.ManagedIdentity)]
    [InlineData("KUBERNETES_SERVICE_HOST AZURE_FEDERATED_TOKEN_FILE", SignInMethod.WorkloadIdentity)]
    [InlineData("AZURE_FEDERATED_TOKEN_FILE AZURE_CLIENT_CERTIFICATE_PATH", SignInMethod.ClientCertificate)]
    [InlineData("AZURE_FEDERATED_TOKEN_FILE AZURE_CLIENT_CERTIFICATE_PATH AZURE_CLIENT_SECRET", SignInMethod.ClientSecret)]
    [InlineData("AZURE_TENANT_ID AZURE_CLIENT_ID", SignInMethod.AzureCli)]
    public void The_environment_chooses_in_the_order_of_DefaultAzureCredential(string variables, SignInMethod expected)
    {
        Assert.Equal(expected, Environment(variables).Choose());
    }

    [Fact]
    public void A_blank_variable_counts_as_missing()
    {
        Assert.Equal(SignInMethod.AzureCli, new SignInEnvironment(_ => "  ").Choose());
    }

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, "AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_FEDERATED_TOKEN_FILE", typeof(WorkloadIdentityCredential))]
    [InlineData(SignInMethod.ClientSecret, "AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET", typeof(ClientSecretCredential))]
    [InlineData(SignInMethod.ManagedIdentity, "", typeof(ManagedIdentityCredential))]
    [InlineData(SignInMethod.ManagedIdentity, "AZURE_CLIENT_ID", typeof(ManagedIdentityCredential))]
    [InlineData(SignInMethod.AzureCli, "", typeof(AzureCliCredential))]
    [InlineData(SignInMethod.Auto, "AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_FEDERATED_TOKEN_FILE", typeof(WorkloadIdentityCredential))]
    public void Creates_the_credential_of_the_method(SignInMethod method, string variables, Type expected)
    {
        Assert.IsType(expected, VaultCredentials.Create(method, Environment(variables), new VaultSettings()).Credential);
    }

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, "", "requires AZURE_TENANT_ID and AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE: label the pod")]
    [InlineData(SignInMethod.Auto, "AZURE_FEDERATED_TOKEN_FILE", "requires AZURE_TENANT_ID and AZURE_CLIENT_ID: label the pod")]
    [InlineData(SignInMethod.ClientSecret, "AZURE_TENANT_ID AZURE_CLIENT_ID", "requires AZURE_CLIENT_SECRET")]
    [InlineData(SignInMethod.ClientCertificate, "AZURE_TENANT_ID AZURE_CLIENT_ID", "requires AZURE_CLIENT_CERTIFICATE_PATH")]
    public void Names_every_variable_that_is_missing(SignInMethod method, string variables, string expected)
    {
        var fault = Assert.Throws<JobException>(() => VaultCredentials.Create(method, Environment(variables), new VaultSettings()));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, SignInEnvironment.TokenFileName)]
    [InlineData(SignInMethod.ClientCertificate, SignInEnvironment.CertificatePathName)]
    public void A_file_that_has_no_end_is_refused(SignInMethod method, string variable)
    {
        var environment = new SignInEnvironment(name => name == variable ? "/dev/zero" : "value");

        var fault = Assert.Throws<JobException>(() => VaultCredentials.Create(method, environment, new VaultSettings()));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.StartsWith($"{variable} names '/dev/zero', which has more than", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://login.microsoftonline.com")]
    [InlineData("login.microsoftonline.us")]
    public void Accepts_only_an_https_authority(string authority)
    {
        var environment = new SignInEnvironment(name => name == SignInEnvironment.AuthorityHostName ? authority : null);

        var fault = Assert.Throws<JobException>(() => VaultCredentials.Create(SignInMethod.AzureCli, environment, new VaultSettings()));

        Assert.Contains($"AZURE_AUTHORITY_HOST is '{authority}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_client_certificate_is_a_configuration_fault()
    {
        var environment = Environment("AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_CERTIFICATE_PATH");

        var fault = Assert.Throws<JobException>(() => VaultCredentials.Create(SignInMethod.ClientCertificate, environment, new VaultSettings()));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("cannot be read from 'value'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Never_shows_a_secret()
    {
        var signIn = VaultCredentials.Create(
            SignInMethod.ClientSecret, Environment("AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET"), new VaultSettings());

        Assert.Equal("ClientSecret as the application value", signIn.ToString());
    }

    private static SignInEnvironment Environment(string variables) =>
        new(name => variables.Split(' ').Contains(name) ? "value" : null);
}
