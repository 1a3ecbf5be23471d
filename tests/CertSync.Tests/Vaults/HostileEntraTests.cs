using System.Net;
using System.Text;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Sandbox.Hostile;
using ClusterTrust.Sandbox.Soaking;
using static ClusterTrust.CertSync.Tests.Vaults.FakeAzure;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Whatever answers in the place of Entra ID: a <see cref="VaultException"/> with a sentence, or a token.</summary>
public sealed class HostileEntraTests
{
    [Fact]
    public async Task Hostile_answers_of_Entra_are_faults_or_tokens()
    {
        var asked = 0;
        foreach (var seed in Soak.Inputs(150))
        {
            var hostile = new HostileJson(seed);
            var good = seed % 3 == 0
                ? """{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.","error_codes":[7000215],"timestamp":"2026-01-01 00:00:00Z","trace_id":"x","correlation_id":"y"}"""
                : $$"""{"token_type":"Bearer","expires_in":3600,"ext_expires_in":3600,"access_token":"{{Token}}"}""";
            using var handler = new FakeHandler(request => request.RequestUri!.Host == "login.microsoftonline.com" && ++asked > 0
                ? Response(seed % 3 == 0 ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, request.Method == HttpMethod.Get ? "{}"u8.ToArray() : hostile.Damage(good))
                : Challenge(request, static _ => (HttpStatusCode.OK, Encoding.UTF8.GetBytes(List))));

            var settings = Settings(handler);
            var signIn = SignIn(SignInMethod.ClientSecret, "AZURE_CLIENT_SECRET", "a-secret-nobody-may-see-1", settings);
            await AsksAsync(async () => await Open(handler, signIn, settings).ListAsync(default));
        }

        Assert.InRange(asked, 150, int.MaxValue);
    }

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE")]
    [InlineData(SignInMethod.ClientSecret, "AZURE_CLIENT_SECRET")]
    public async Task An_oversized_response_of_Entra_ID_is_not_read_to_its_end(SignInMethod method, string variable)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Token);
        using var handler = new FakeHandler(request => request.RequestUri!.Host.StartsWith("kv", StringComparison.Ordinal)
            ? Challenge(request, static _ => (HttpStatusCode.OK, Encoding.UTF8.GetBytes(List)))
            : Response(HttpStatusCode.OK, request.RequestUri!.AbsolutePath.Contains("discovery", StringComparison.Ordinal) ? "{}"u8.ToArray() : new byte[9 * 1024 * 1024]));

        var fault = await Assert.ThrowsAsync<VaultException>(() => Open(handler, SignIn(method, variable, file, Settings(handler)), Settings(handler)).ListAsync(default));

        Assert.Contains("exceeds 8388608 bytes", fault.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    private static VaultSignIn SignIn(SignInMethod method, string variable, string value, VaultSettings settings)
    {
        var variables = new Dictionary<string, string> { ["AZURE_TENANT_ID"] = Tenant, ["AZURE_CLIENT_ID"] = Guid.NewGuid().ToString(), [variable] = value };
        return VaultCredentials.Create(method, new SignInEnvironment(variables.GetValueOrDefault), settings);
    }
}
