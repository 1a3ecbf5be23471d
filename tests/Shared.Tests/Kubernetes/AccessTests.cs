using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class AccessTests
{
    [Fact]
    public async Task A_token_for_an_audience_can_be_had()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("21");
        using var connection = cluster.Open();

        var token = await connection.CreateTokenAsync("demo", "job", ["api://AzureADTokenExchange"], TimeSpan.FromHours(1), CancellationToken.None);

        Assert.StartsWith("<JWT", token.Token, StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 14, 50, 31, TimeSpan.Zero), token.Expires);
        Assert.DoesNotContain("JWT", token.ToString(), StringComparison.Ordinal);
        JsonAssert.Equal(Recording.Number("21").RequestBody, Assert.Single(cluster.Server.Bodies));
    }

    [Fact]
    public async Task The_token_of_a_missing_account_is_a_404()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var connection = cluster.InPod().Open();

        var fault = await Assert.ThrowsAsync<KubernetesException>(() => connection.CreateTokenAsync("demo", "nobody", [], TimeSpan.FromHours(1), CancellationToken.None));

        Assert.Equal(HttpStatusCode.NotFound, fault.Status);
    }

    [Fact]
    public async Task Every_api_server_behind_the_service_is_found()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Server.First = async (context, _) =>
        {
            Assert.Equal("GET /apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes", $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            await RecordedApiServer.AnswerAsync(context, 200, """
                {"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":"kubernetes"},"addressType":"IPv4",
                 "endpoints":[{"addresses":["10.0.0.5"],"conditions":{"ready":true}},{"addresses":["10.0.0.4"],"conditions":{}},{"addresses":["10.0.0.6"],"conditions":{"ready":false}},{"addresses":["fd00::4"]}],
                 "ports":[{"name":"https","port":6443,"protocol":"TCP"},{"name":"metrics","port":1}]}
                """);
            return true;
        };
        using var connection = cluster.InPod().Open();

        var servers = await connection.ApiServersAsync(CancellationToken.None);

        Assert.Equal(["https://10.0.0.4:6443/", "https://10.0.0.5:6443/", "https://[fd00::4]:6443/"], servers.Select(s => s.AbsoluteUri));
    }

    [Fact]
    public async Task A_cluster_without_the_slice_of_its_api_servers_is_told_so()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var connection = cluster.InPod().Open();

        var fault = await Assert.ThrowsAsync<KubernetesException>(() => connection.ApiServersAsync(CancellationToken.None));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("has no EndpointSlice default/kubernetes", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("give each with --api-server.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Puts_and_posts_carry_their_media_types()
    {
        await using var cluster = await TestCluster.StartAsync();
        var types = new List<string?>();
        cluster.Server.First = async (context, body) =>
        {
            types.Add($"{context.Request.Method} {context.Request.ContentType}");
            await RecordedApiServer.AnswerAsync(context, 200, body);
            return true;
        };
        using var connection = cluster.InPod().Open();
        var type = TextJson.Default.String;

        Assert.Equal("a", await connection.PutJsonAsync("/x", "a", type, CancellationToken.None));
        Assert.Equal("c", await connection.PostJsonAsync("/x", "c", type, CancellationToken.None));

        Assert.Equal(["PUT application/json", "POST application/json"], types);
    }
}
