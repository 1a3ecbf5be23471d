using System.Net;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class AccessTests : ClusterTest
{
    [Fact]
    public async Task A_token_is_issued_for_an_audience()
    {
        var connection = Cluster.InPod().Knows("21").Open();

        var token = await connection.CreateTokenAsync("demo", "job", ["api://AzureADTokenExchange"], TimeSpan.FromHours(1), CancellationToken.None);

        Assert.StartsWith("<JWT", token, StringComparison.Ordinal);
        var sent = Assert.Single(Cluster.Server.Bodies);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Recording.Number("21").RequestBody.GetRawText()), JsonNode.Parse(sent)), sent);
    }

    [Fact]
    public async Task The_token_of_a_missing_ServiceAccount_is_a_404()
    {
        var connection = Cluster.InPod().Open();

        var fault = await Assert.ThrowsAsync<KubernetesException>(() => connection.CreateTokenAsync("demo", "nobody", [], TimeSpan.FromHours(1), CancellationToken.None));

        Assert.Equal(HttpStatusCode.NotFound, fault.Status);
    }

    [Fact]
    public async Task Every_API_server_behind_the_Service_is_found()
    {
        var connection = Cluster.InPod().Answers(200, """
            {"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":"kubernetes"},"addressType":"IPv4",
             "endpoints":[{"addresses":["10.0.0.5"],"conditions":{"ready":true}},{"addresses":["10.0.0.4"],"conditions":{}},{"addresses":["10.0.0.6"],"conditions":{"ready":false}},{"addresses":["fd00::4"]}],
             "ports":[{"name":"https","port":6443,"protocol":"TCP"},{"name":"metrics","port":1}]}
            """).Open();

        var servers = await connection.ApiServersAsync(CancellationToken.None);

        Assert.Equal(["https://10.0.0.4:6443/", "https://10.0.0.5:6443/", "https://[fd00::4]:6443/"], servers.Select(static server => server.AbsoluteUri));
        var request = Assert.Single(Cluster.Server.Requests);
        Assert.Equal("GET /apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes", $"{request.Method} {request.Path}");
    }

    [Fact]
    public async Task A_missing_EndpointSlice_of_the_API_servers_is_a_usage_fault()
    {
        var connection = Cluster.InPod().Open();

        var fault = await Assert.ThrowsAsync<KubernetesException>(() => connection.ApiServersAsync(CancellationToken.None));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("has no EndpointSlice default/kubernetes", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("give each with --api-server.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Puts_and_posts_carry_their_media_types()
    {
        var types = new List<string?>();
        Cluster.Server.First = async (context, body) =>
        {
            types.Add($"{context.Request.Method} {context.Request.ContentType}");
            await RecordedApiServer.AnswerAsync(context, 200, body);
            return true;
        };
        var connection = Cluster.InPod().Open();

        Assert.Equal("a", await connection.PutJsonAsync("/x", "a", TextJson.Default.String, CancellationToken.None));
        Assert.Equal("c", await connection.PostJsonAsync("/x", "c", TextJson.Default.String, CancellationToken.None));

        Assert.Equal(["PUT application/json", "POST application/json"], types);
    }
}
