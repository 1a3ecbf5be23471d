using System.Buffers.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

public sealed class TokenTests : IAsyncLifetime
{
    private const string TokenPath = "/api/v1/namespaces/demo/serviceaccounts/job/token";

    private Cluster cluster = null!;

    public async Task InitializeAsync()
    {
        cluster = await Cluster.StartAsync();
        cluster.Server.State.AddServiceAccount("demo", "job");
    }

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task A_requested_token_carries_the_claims_that_clouds_check()
    {
        var answer = await cluster.SendAsync("POST", TokenPath, Request(7200, "api://AzureADTokenExchange"));
        var claims = Claims((string)answer.Json["status"]!["token"]!);
        var uid = cluster.Server.State.Find(ResourceType.ServiceAccounts, "demo", "job")!.Uid;
        Assert.Equal("""["api://AzureADTokenExchange"]""", claims["aud"]!.ToJsonString());
        Assert.Equal("https://example.github.io/cluster-a", (string?)claims["iss"]);
        Assert.Equal("system:serviceaccount:demo:job", (string?)claims["sub"]);
        Assert.Equal(7200, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal((long)claims["iat"]!, (long)claims["nbf"]!);
        Assert.True(Guid.TryParse((string?)claims["jti"], out _));
        Assert.Equal($$$"""{"namespace":"demo","serviceaccount":{"name":"job","uid":"{{{uid}}}"}}""", claims["kubernetes.io"]!.ToJsonString());
    }

    [Fact]
    public async Task A_token_without_audiences_is_for_the_API_server()
    {
        var answer = await cluster.SendAsync("POST", TokenPath, Request(600));
        Assert.Equal("""["https://example.github.io/cluster-a"]""", answer.Json["spec"]!["audiences"]!.ToJsonString());
        Assert.Equal(200, (await cluster.GetAsync("/version", (string)answer.Json["status"]!["token"]!)).Status);
    }

    [Fact]
    public async Task An_expired_token_is_unauthorized() =>
        Assert.Equal(401, await StatusOfAsync(cluster.Server.IssueToken("demo", "job", lifetime: TimeSpan.FromSeconds(-5))));

    [Fact]
    public async Task A_token_for_another_audience_is_unauthorized() =>
        Assert.Equal(401, await StatusOfAsync(cluster.Server.IssueToken("demo", "job", ["api://AzureADTokenExchange"])));

    [Fact]
    public async Task A_token_whose_signature_was_touched_is_unauthorized()
    {
        var token = cluster.Server.IssueToken("demo", "job");
        var touched = token[..^4] + (token[^4] == 'A' ? 'B' : 'A') + token[^3..];
        Assert.Equal(401, await StatusOfAsync(touched));
    }

    [Fact]
    public async Task A_token_dies_with_its_ServiceAccount_even_when_a_namesake_follows()
    {
        var token = cluster.Server.IssueToken("demo", "job");
        cluster.Server.State.Delete(ResourceType.ServiceAccounts, "demo", "job");
        cluster.Server.State.AddServiceAccount("demo", "job");
        Assert.Equal(401, await StatusOfAsync(token));
    }

    private static JsonObject Request(int seconds, params string[] audiences) => new()
    {
        ["spec"] = new JsonObject { ["audiences"] = new JsonArray([.. audiences.Select(static one => JsonValue.Create(one))]), ["expirationSeconds"] = seconds },
    };

    private static JsonNode Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;

    private async Task<int> StatusOfAsync(string token) => (await cluster.GetAsync("/version", token)).Status;
}
