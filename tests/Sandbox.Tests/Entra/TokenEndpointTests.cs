namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>The refusals that no other test depends on: an Entra ID that took such a token would prove nothing.</summary>
public sealed class TokenEndpointTests(LoopbackAzure azure) : IClassFixture<LoopbackAzure>
{
    public static TheoryData<string, int, Action<LoopbackAzure, Dictionary<string, string>>> Refusals => new()
    {
        { "an issuer that differs by a slash", 700211, Token((_, claims) => claims["iss"] = LoopbackAzure.IssuerUrl + "/") },
        { "an issuer that differs by case", 700211, Token((_, claims) => claims["iss"] = LoopbackAzure.IssuerUrl.Replace("svc", "SVC", StringComparison.Ordinal)) },
        { "another subject", 700213, Token((_, claims) => claims["sub"] = "system:serviceaccount:other:certsync") },
        { "no audience", 700212, Token((_, claims) => claims.Remove("aud")) },
        { "no end", 700024, Token((_, claims) => claims.Remove("exp")) },
        { "an end in the past", 700024, Token((_, claims) => claims["exp"] = DateTimeOffset.UtcNow.AddMinutes(-6).ToUnixTimeSeconds()) },
        { "a start in the future", 700024, Token((_, claims) => claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(6).ToUnixTimeSeconds()) },
        { "an unknown key id", 7000272, Token((header, _) => header["kid"] = "key-2") },
        { "no key id", 7000272, Token((header, _) => header.Remove("kid")) },
        { "no algorithm", 700027, Token((header, _) => header["alg"] = "none") },
        { "another key", 700027, (azure, form) => form["client_assertion"] = azure.Token(signer: new SigningKey(SigningAlgorithm.RS256)) },
        { "no token", 50027, (_, form) => form["client_assertion"] = "e30.W10.AA" },
        { "neither assertion nor secret", 7000215, (_, form) => form.Remove("client_assertion") },
        { "another kind of grant", 900144, (_, form) => form["grant_type"] = "password" },
        { "another resource", 900144, (_, form) => form["scope"] = "https://elsewhere.example/.default" },
        { "an unknown tenant", 90002, (_, form) => form["tenant"] = Guid.NewGuid().ToString() },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_sign_in_with_a_flaw_is_refused_with_the_code_for_it(string flaw, int code, Action<LoopbackAzure, Dictionary<string, string>> change)
    {
        var form = new Dictionary<string, string>
        {
            ["tenant"] = azure.Tenant,
            ["client_id"] = azure.Application.ClientId,
            ["grant_type"] = "client_credentials",
            ["scope"] = "https://vault.azure.net/.default",
            ["client_assertion"] = azure.Token(),
        };
        Assert.NotNull((await PostAsync(form))["access_token"]);

        change(azure, form);

        var refusal = await PostAsync(form);
        Assert.True(code == (int?)refusal["error_codes"]?[0], $"{flaw}: {refusal}");
    }

    private static Action<LoopbackAzure, Dictionary<string, string>> Token(Action<JsonObject, JsonObject> change) =>
        (azure, form) => form["client_assertion"] = azure.Token(change);

    private async Task<JsonNode> PostAsync(Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        using var response = await azure.Client.PostAsync(new Uri($"https://login.microsoftonline.com/{form["tenant"]}/oauth2/v2.0/token"), content);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}
