namespace ClusterTrust.Sandbox.Tests.Entra;

public sealed class TokenEndpointTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    [Fact]
    public async Task A_token_of_a_trusted_issuer_whose_documents_are_read_anew_is_exchanged_for_an_access_token()
    {
        azure.Issuer.ForgetRequests();
        await SignInAsync(azure.Token());
        var (status, answer) = await SignInAsync(azure.Token());

        Assert.Equal((HttpStatusCode.OK, 4), (status, azure.Issuer.Requests.Count));
        Assert.Equal("Bearer", (string?)answer["token_type"]);
        Assert.Equal(3600, (int?)answer["expires_in"]);
        var token = azure.Entra.Validate((string)answer["access_token"]!);
        Assert.Equal((azure.Tenant, azure.Application.ClientId, azure.Application.ObjectId, "https://vault.azure.net"), (token!.TenantId, token.ClientId, token.ObjectId, token.Audience));
    }

    public static TheoryData<string, int, int, Action<LoopbackAzure, Dictionary<string, string>>> Refusals => new()
    {
        { "an issuer that differs by a slash", 700211, 401, Token((_, claims) => claims["iss"] = LoopbackAzure.IssuerUrl + "/") },
        { "an issuer that differs by case", 700211, 401, Token((_, claims) => claims["iss"] = LoopbackAzure.IssuerUrl.Replace("svc", "SVC", StringComparison.Ordinal)) },
        { "another subject", 700213, 401, Token((_, claims) => claims["sub"] = "system:serviceaccount:other:certsync") },
        { "another audience", 700212, 401, Token((_, claims) => claims["aud"] = "https://kubernetes.default.svc") },
        { "no audience", 700212, 401, Token((_, claims) => claims.Remove("aud")) },
        { "an end in the past", 700024, 401, Token((_, claims) => claims["exp"] = DateTimeOffset.UtcNow.AddMinutes(-6).ToUnixTimeSeconds()) },
        { "no end", 700024, 401, Token((_, claims) => claims.Remove("exp")) },
        { "a start in the future", 700024, 401, Token((_, claims) => claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(6).ToUnixTimeSeconds()) },
        { "an unknown key id", 7000272, 401, Token((header, _) => header["kid"] = "key-2") },
        { "no key id", 7000272, 401, Token((header, _) => header.Remove("kid")) },
        { "another algorithm", 5002738, 401, Token((header, _) => header["alg"] = "ES256") },
        { "no algorithm", 5002738, 401, Token((header, _) => header["alg"] = "none") },
        { "no issuer", 50027, 400, Token((_, claims) => claims.Remove("iss")) },
        { "another key", 700027, 401, (azure, form) => form["client_assertion"] = azure.Token(signer: new SigningKey(SigningAlgorithm.RS256)) },
        { "no token", 50027, 400, (_, form) => form["client_assertion"] = "not a token" },
        { "three words", 50027, 400, (_, form) => form["client_assertion"] = "a.b.c" },
        { "arrays", 50027, 400, (_, form) => form["client_assertion"] = "e30.W10.AA" },
        { "neither assertion nor secret", 7000218, 401, (_, form) => form.Remove("client_assertion") },
        { "no kind of grant", 900144, 400, (_, form) => form.Remove("grant_type") },
        { "another kind of grant", 70003, 400, (_, form) => form["grant_type"] = "password" },
        { "no client", 900144, 400, (_, form) => form.Remove("client_id") },
        { "an unknown client", 700016, 400, (_, form) => form["client_id"] = "00000000-0000-0000-0000-000000000001" },
        { "a client without credentials", 70025, 401, (azure, form) => form["client_id"] = azure.Entra.Directory.AddApplication(azure.Tenant).ClientId },
        { "a scope that is no resource's default", 1002012, 400, (_, form) => form["scope"] = "https://vault.azure.net" },
        { "another resource", 500011, 400, (_, form) => form["scope"] = "https://elsewhere.example/.default" },
        { "a wrong secret", 7000215, 401, (_, form) => (form["client_assertion"], form["client_secret"]) = ("", "wrong") },
        { "an unknown tenant", 90002, 400, (_, form) => form["tenant"] = Guid.NewGuid().ToString() },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_sign_in_with_a_flaw_is_refused_with_the_code_for_it(string flaw, int code, int status, Action<LoopbackAzure, Dictionary<string, string>> change)
    {
        var form = Form(azure.Token());
        change(azure, form);
        var (answered, body) = await PostAsync(form);
        AssertRefused(status, code, answered, body, flaw);
    }

    [Fact]
    public async Task An_issuer_whose_documents_cannot_be_read_or_name_another_is_the_callers_problem()
    {
        azure.Issuer.Faults.Next(new Fault.Status(404));
        await RefusedAsync();
        azure.Issuer.Faults.Next(new Fault.Status(404), when: request => request.Path.Value!.EndsWith("jwks", StringComparison.Ordinal));
        await RefusedAsync();
        azure.Issuer.Faults.Next(new Fault.Status(200, Body: "<html>"));
        await RefusedAsync();
        azure.Issuer.Issuer.Issuer = "https://elsewhere.example";
        await RefusedAsync();
        azure.Issuer.Issuer.Issuer = LoopbackAzure.IssuerUrl;

        async Task RefusedAsync()
        {
            var (status, body) = await SignInAsync(azure.Token());
            AssertRefused(400, 50166, status, body);
        }
    }

    [Fact]
    public async Task A_fault_is_worded_as_Entra_words_it()
    {
        azure.Entra.Faults.Next(Fault.TooManyRequests());
        var (status, body) = await PostAsync(Form("x"));
        AssertRefused(429, 90055, status, body);
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> SignInAsync(string assertion) => PostAsync(Form(assertion));

    private static Action<LoopbackAzure, Dictionary<string, string>> Token(Action<JsonObject, JsonObject> change) =>
        (azure, form) => form["client_assertion"] = azure.Token(change);

    private Dictionary<string, string> Form(string assertion) => new()
    {
        ["tenant"] = azure.Tenant,
        ["client_id"] = azure.Application.ClientId,
        ["grant_type"] = "client_credentials",
        ["scope"] = "https://vault.azure.net/.default",
        ["client_info"] = "2",
        ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ["client_assertion"] = assertion,
    };

    private async Task<(HttpStatusCode Status, JsonObject Body)> PostAsync(Dictionary<string, string> form)
    {
        form.Remove("tenant", out var tenant);
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
