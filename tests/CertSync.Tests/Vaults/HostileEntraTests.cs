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
            var variables = new Dictionary<string, string> { ["AZURE_TENANT_ID"] = Tenant, ["AZURE_CLIENT_ID"] = Guid.NewGuid().ToString(), ["AZURE_CLIENT_SECRET"] = "a-secret-nobody-may-see-1" };
            var signIn = VaultCredentials.Create(SignInMethod.ClientSecret, new SignInEnvironment(variables.GetValueOrDefault), settings);
            await AsksAsync(async () => await Open(handler, signIn, settings).ListAsync(default));
        }

        Assert.InRange(asked, 150, int.MaxValue);
    }

    [Theory]
    [InlineData(SignInMethod.WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE")]
    [InlineData(SignInMethod.ClientSecret, "AZURE_CLIENT_SECRET")]
    public async Task An_Entra_ID_that_is_much_too_long_winded_is_not_heard_out(SignInMethod method, string variable) => Assert.Contains(
        "answers with more than 8388608 bytes",
        await SignInFaultAsync(method, variable, "login.microsoftonline.com", static request => Response(
            HttpStatusCode.OK, request.RequestUri!.AbsolutePath.Contains("discovery", StringComparison.Ordinal) ? "{}"u8.ToArray() : new byte[9 * 1024 * 1024])),
        StringComparison.Ordinal);

    private static async Task<string> SignInFaultAsync(SignInMethod method, string variable, string authority, Func<HttpRequestMessage, HttpResponseMessage> entra)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Token);
        var variables = new Dictionary<string, string>
        {
            ["AZURE_TENANT_ID"] = Tenant,
            ["AZURE_CLIENT_ID"] = Guid.NewGuid().ToString(),
            ["AZURE_AUTHORITY_HOST"] = $"https://{authority}/",
            [variable] = file,
        };
        using var handler = new FakeHandler(request => request.RequestUri!.Host.StartsWith("kv", StringComparison.Ordinal)
            ? Challenge(request, static _ => (HttpStatusCode.OK, Encoding.UTF8.GetBytes(List)))
            : entra(request));
        var settings = Settings(handler);
        var signIn = VaultCredentials.Create(method, new SignInEnvironment(variables.GetValueOrDefault), settings);
        var fault = await Assert.ThrowsAsync<VaultException>(() => Open(handler, signIn, settings).ListAsync(default));
        File.Delete(file);
        return fault.Message;
    }
}
