using System.Net;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Entra;

public sealed class TokenEndpointTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    [Fact]
    public async Task A_token_of_a_trusted_issuer_is_exchanged_for_an_access_token()
    {
        var (status, answer) = await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("Bearer", (string?)answer["token_type"]);
        Assert.Equal(3600, (int?)answer["expires_in"]);
        var token = azure.Entra.Validate((string)answer["access_token"]!);
        Assert.Equal((azure.Tenant, azure.Application.ClientId, azure.Application.ObjectId, "https://vault.azure.net"), (token!.TenantId, token.ClientId, token.ObjectId, token.Audience));
    }

    [Fact]
    public async Task The_documents_are_read_again_for_every_assertion()
    {
        azure.Issuer.ForgetRequests();
        await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject));
        await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject));
        Assert.Equal(4, azure.Issuer.Requests.Count);
    }

    public static TheoryData<string, int, int, Action<JsonObject, JsonObject>> Refusals => new()
    {
        { "an issuer that differs by a slash", 700211, 401, (_, claims) => claims["iss"] = $"https://{IssuerServer.Host}/prod/" },
        { "an issuer that differs by case", 700211, 401, (_, claims) => claims["iss"] = $"https://{IssuerServer.Host}/PROD" },
        { "another subject", 700213, 401, (_, claims) => claims["sub"] = "system:serviceaccount:other:certsync" },
        { "another audience", 700212, 401, (_, claims) => claims["aud"] = "https://kubernetes.default.svc" },
        { "no audience", 700212, 401, (_, claims) => claims.Remove("aud") },
        { "an end in the past", 700024, 401, (_, claims) => claims["exp"] = DateTimeOffset.UtcNow.AddMinutes(-6).ToUnixTimeSeconds() },
        { "no end", 700024, 401, (_, claims) => claims.Remove("exp") },
        { "a start in the future", 700024, 401, (_, claims) => claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(6).ToUnixTimeSeconds() },
        { "an unknown key id", 7000272, 401, (header, _) => header["kid"] = "key-2" },
        { "no key id", 7000272, 401, (header, _) => header.Remove("kid") },
        { "another algorithm", 5002738, 401, (header, _) => header["alg"] = "ES256" },
        { "no algorithm", 5002738, 401, (header, _) => header["alg"] = "none" },
        { "no issuer", 50027, 400, (_, claims) => claims.Remove("iss") },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_token_with_a_flaw_is_refused_with_the_code_for_it(string flaw, int code, int status, Action<JsonObject, JsonObject> change)
    {
        var (answered, body) = await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject, change: change));
        AssertRefused(status, code, answered, body, flaw);
    }

    [Fact]
    public async Task A_token_signed_with_another_key_is_refused()
    {
        using var other = new SigningKey(SigningAlgorithm.RS256);
        var (status, body) = await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject, signer: other));
        AssertRefused(401, 700027, status, body);
    }

    [Theory]
    [InlineData("not a token")]
    [InlineData("a.b.c")]
    [InlineData("e30.W10.AA")]
    public async Task Text_that_is_no_token_is_refused_as_malformed(string assertion)
    {
        var (status, body) = await SignInAsync(assertion);
        AssertRefused(400, 50027, status, body);
    }

    [Fact]
    public async Task An_issuer_that_cannot_be_read_is_the_callers_problem()
    {
        azure.Issuer.Faults.Next(new Fault.Status(404));
        var (status, body) = await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject));
        AssertRefused(400, 50166, status, body);

        azure.Issuer.Faults.Next(new Fault.Status(404), when: request => request.Path.Value!.EndsWith("jwks", StringComparison.Ordinal));
        (status, body) = await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject));
        AssertRefused(400, 50166, status, body);

        azure.Issuer.Faults.Next(new Fault.Status(200, Body: "<html>"));
        (status, body) = await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject));
        AssertRefused(400, 50166, status, body);
    }

    [Fact]
    public async Task A_discovery_document_about_another_issuer_is_not_believed()
    {
        azure.Issuer.ClaimedIssuer = "https://elsewhere.example";
        var (status, body) = await SignInAsync(azure.Issuer.Token(LoopbackAzure.Subject));
        azure.Issuer.ClaimedIssuer = null;
        AssertRefused(400, 50166, status, body);
    }

    public static TheoryData<string, string?, int, int> BadForms => new()
    {
        { "client_id", null, 900144, 400 },
        { "client_id", "00000000-0000-0000-0000-000000000001", 700016, 400 },
        { "scope", "https://elsewhere.example/.default", 500011, 400 },
        { "client_assertion", null, 900144, 400 },
        { "client_secret", "wrong", 7000215, 401 },
    };

    [Theory]
    [MemberData(nameof(BadForms))]
    public async Task A_form_with_a_flaw_is_refused_with_the_code_for_it(string field, string? value, int code, int status)
    {
        var form = Form(azure.Issuer.Token(LoopbackAzure.Subject));
        form.Remove(field);
        if (value is not null)
        {
            form[field] = value;
        }

        var (answered, body) = await PostAsync(azure.Tenant, form);
        AssertRefused(status, code, answered, body);
    }

    [Fact]
    public async Task An_unknown_tenant_is_refused()
    {
        var (status, body) = await PostAsync(Guid.NewGuid().ToString(), Form("x"));
        AssertRefused(400, 90002, status, body);
    }

    [Fact]
    public async Task An_application_without_federated_credentials_is_refused()
    {
        var application = azure.Entra.Directory.AddApplication(azure.Tenant);
        var form = Form(azure.Issuer.Token(LoopbackAzure.Subject));
        form["client_id"] = application.ClientId;
        var (status, body) = await PostAsync(azure.Tenant, form);
        AssertRefused(401, 70025, status, body);
    }

    [Fact]
    public async Task A_fault_is_worded_as_Entra_words_it()
    {
        azure.Entra.Faults.Next(Fault.TooManyRequests());
        var (status, body) = await PostAsync(azure.Tenant, Form("x"));
        AssertRefused(429, 90055, status, body);
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> SignInAsync(string assertion) => PostAsync(azure.Tenant, Form(assertion));

    private Dictionary<string, string> Form(string assertion) => new()
    {
        ["client_id"] = azure.Application.ClientId,
        ["grant_type"] = "client_credentials",
        ["scope"] = "https://vault.azure.net/.default",
        ["client_info"] = "2",
        ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ["client_assertion"] = assertion,
    };

    private async Task<(HttpStatusCode Status, JsonObject Body)> PostAsync(string tenant, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        using var response = await azure.Client.PostAsync(new Uri($"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"), content);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    private static void AssertRefused(int status, int code, HttpStatusCode answered, JsonObject body, string? flaw = null)
    {
        Assert.True(status == (int)answered && code == (int)body["error_codes"]![0]!, $"{flaw}: {(int)answered} {body["error_description"]}");
        Assert.StartsWith($"AADSTS{code}: ", (string?)body["error_description"], StringComparison.Ordinal);
        Assert.Equal(
            ["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"],
            body.Select(static member => member.Key));
    }
}
