using static ClusterTrust.CertSync.Tests.Vaults.FakeAzure;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Whatever is returned in the place of Entra ID: a <see cref="VaultException"/> with a sentence, or a token.</summary>
public sealed class HostileEntraTests
{
    private const string Refusal = """{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.","error_codes":[7000215],"timestamp":"2026-01-01 00:00:00Z","trace_id":"x","correlation_id":"y"}""";

    private const string Grant = $$"""{"token_type":"Bearer","expires_in":3600,"ext_expires_in":3600,"access_token":"{{Token}}"}""";

    [Fact]
    public async Task Hostile_answers_of_Entra_are_faults_or_tokens()
    {
        var requests = 0;
        foreach (var seed in Soak.Inputs(75))
        {
            var hostile = new HostileJson(seed);
            using var azure = WithEntra(request =>
            {
                requests++;
                return Json(request.Method == HttpMethod.Get ? "{}"u8.ToArray() : hostile.Damage(seed % 3 == 0 ? Refusal : Grant), seed % 3 == 0 ? 401 : 200);
            });

            await IsRefusedAsync(() => azure.Open(SignIn(azure, SignInMethod.ClientSecret, "AZURE_CLIENT_SECRET", "a-secret-nobody-may-see-1")).ListAsync(default));
        }

        Assert.InRange(requests, 75, int.MaxValue);
    }

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE")]
    [InlineData(SignInMethod.ClientSecret, "AZURE_CLIENT_SECRET")]
    public async Task An_oversized_response_of_Entra_ID_is_not_read_to_its_end(SignInMethod method, string variable)
    {
        using var folder = new TemporaryFolder();
        using var azure = WithEntra(static request =>
            Json(request.RequestUri!.AbsolutePath.Contains("discovery", StringComparison.Ordinal) ? "{}"u8.ToArray() : new byte[9 * 1024 * 1024]));
        var vault = azure.Open(SignIn(azure, method, variable, folder.Write("token", Token)));
        await Assert.FaultAsync(ExitCode.Failed, "exceeds 8388608 bytes", () => vault.ListAsync(default));
    }

    private static FakeAzure WithEntra(Func<HttpRequestMessage, HttpResponseMessage> entra) => new(request =>
        !request.RequestUri!.Host.StartsWith("kv", StringComparison.Ordinal) ? entra(request)
        : request.Headers.Authorization is null ? Challenge(request)
        : Json(List));

    private static VaultSignIn SignIn(FakeAzure azure, SignInMethod method, string variable, string value)
    {
        var variables = new Dictionary<string, string> { ["AZURE_TENANT_ID"] = Tenant, ["AZURE_CLIENT_ID"] = Guid.NewGuid().ToString(), [variable] = value };
        return VaultCredentials.Create(method, new SignInEnvironment(variables.GetValueOrDefault), azure.Settings);
    }
}
