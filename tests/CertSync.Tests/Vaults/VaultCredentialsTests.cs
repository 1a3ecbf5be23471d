namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class VaultCredentialsTests
{
    private const string Application = "AZURE_TENANT_ID AZURE_CLIENT_ID";

    [Theory]
    [InlineData("", SignInMethod.AzureCli)]
    [InlineData(Application, SignInMethod.AzureCli)]
    [InlineData("AZURE_CLIENT_SECRET=\t AZURE_FEDERATED_TOKEN_FILE=\t", SignInMethod.AzureCli)]
    [InlineData("KUBERNETES_SERVICE_HOST", SignInMethod.ManagedIdentity)]
    [InlineData("IDENTITY_ENDPOINT", SignInMethod.ManagedIdentity)]
    [InlineData("KUBERNETES_SERVICE_HOST AZURE_FEDERATED_TOKEN_FILE", SignInMethod.WorkloadIdentity)]
    [InlineData("AZURE_FEDERATED_TOKEN_FILE AZURE_CLIENT_CERTIFICATE_PATH", SignInMethod.ClientCertificate)]
    [InlineData("AZURE_FEDERATED_TOKEN_FILE AZURE_CLIENT_CERTIFICATE_PATH AZURE_CLIENT_SECRET", SignInMethod.ClientSecret)]
    public void The_environment_chooses_in_the_order_of_DefaultAzureCredential(string variables, SignInMethod expected) =>
        Assert.Equal(expected, Environment(variables).Choose());

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, $"{Application} AZURE_FEDERATED_TOKEN_FILE", typeof(WorkloadIdentityCredential))]
    [InlineData(SignInMethod.ClientSecret, $"{Application} AZURE_CLIENT_SECRET", typeof(ClientSecretCredential))]
    [InlineData(SignInMethod.ManagedIdentity, "", typeof(ManagedIdentityCredential))]
    [InlineData(SignInMethod.ManagedIdentity, "AZURE_CLIENT_ID", typeof(ManagedIdentityCredential))]
    [InlineData(SignInMethod.AzureCli, "", typeof(AzureCliCredential))]
    [InlineData(SignInMethod.Auto, $"{Application} AZURE_FEDERATED_TOKEN_FILE", typeof(WorkloadIdentityCredential))]
    public void Creates_the_credential_of_the_method(SignInMethod method, string variables, Type expected) =>
        Assert.IsType(expected, Create(method, variables).Credential);

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, "", "requires AZURE_TENANT_ID and AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE: label the pod")]
    [InlineData(SignInMethod.Auto, "AZURE_FEDERATED_TOKEN_FILE", "requires AZURE_TENANT_ID and AZURE_CLIENT_ID: label the pod")]
    [InlineData(SignInMethod.ClientSecret, Application, "requires AZURE_CLIENT_SECRET")]
    [InlineData(SignInMethod.ClientCertificate, Application, "requires AZURE_CLIENT_CERTIFICATE_PATH")]
    [InlineData(SignInMethod.ClientCertificate, $"{Application} AZURE_CLIENT_CERTIFICATE_PATH", "cannot be read from 'value'")]
    [InlineData(SignInMethod.ClientCertificate, $"{Application} AZURE_CLIENT_CERTIFICATE_PATH=/dev/zero", "AZURE_CLIENT_CERTIFICATE_PATH names '/dev/zero', which has more than")]
    [InlineData(SignInMethod.WorkloadIdentity, $"{Application} AZURE_FEDERATED_TOKEN_FILE=/dev/zero", "AZURE_FEDERATED_TOKEN_FILE names '/dev/zero', which has more than")]
    [InlineData(SignInMethod.WorkloadIdentity, "AZURE_TENANT_ID=<tenant> AZURE_CLIENT_ID AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID is '<tenant>', but it must be the tenant's id")]
    [InlineData(SignInMethod.AzureCli, "AZURE_TENANT_ID=.", "AZURE_TENANT_ID is '.', but"), InlineData(SignInMethod.AzureCli, "AZURE_TENANT_ID=\u212A", "AZURE_TENANT_ID is '\u212A', but")]
    [InlineData(SignInMethod.AzureCli, "AZURE_AUTHORITY_HOST=http://login.microsoftonline.com", "AZURE_AUTHORITY_HOST is 'http://login.microsoftonline.com', but it must be an https address")]
    [InlineData(SignInMethod.AzureCli, "AZURE_AUTHORITY_HOST=https://xn--\u00e4.example", "but it must be an https address in ASCII")]
    [InlineData(SignInMethod.AzureCli, "AZURE_AUTHORITY_HOST=https://login.example/?tenant", "but it must be an https address in ASCII without user name, query and fragment")]
    public void A_variable_that_is_missing_or_wrong_is_a_configuration_fault_that_names_it(SignInMethod method, string variables, string expected) =>
        Assert.Fault(ExitCode.Usage, expected, () => Create(method, variables));

    [Fact]
    public void Never_shows_a_secret() =>
        Assert.Equal("ClientSecret as the application value", Create(SignInMethod.ClientSecret, $"{Application} AZURE_CLIENT_SECRET").ToString());

    private static VaultSignIn Create(SignInMethod method, string variables) => VaultCredentials.Create(method, Environment(variables), new VaultSettings());

    /// <summary>Variables as <c>NAME=VALUE</c>, or <c>NAME</c> for one with some value.</summary>
    private static SignInEnvironment Environment(string variables)
    {
        var all = variables.Split(' ').Select(static one => one.Split('=')).ToDictionary(static one => one[0], static one => one.Length > 1 ? one[1] : "value");
        return new SignInEnvironment(all.GetValueOrDefault);
    }
}
