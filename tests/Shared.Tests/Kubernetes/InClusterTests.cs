namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class InClusterTests : ClusterTest
{
    [Fact]
    public async Task A_pod_connects_over_HTTP2_with_its_token()
    {
        var protocols = new List<string>();
        Cluster.Server.OnAnswer = context =>
        {
            protocols.Add(context.Request.Protocol);
            return Task.CompletedTask;
        };
        var connection = Cluster.InPod().Open();
        Assert.Equal("v1.36.2", (await connection.JsonAsync()).GetProperty("gitVersion").GetString());
        Assert.Equal("demo", connection.Namespace);
        Assert.Equal("HTTP/2", Assert.Single(protocols));
        Assert.Equal(Cluster.Server.LoopbackAddress, connection.Server);
    }

    [Fact]
    public async Task The_token_is_read_again_after_a_minute()
    {
        var connection = Cluster.InPod().Open();
        Cluster.Write("serviceaccount/token", "second-token");
        var before = await connection.CurrentTokenAsync(CancellationToken.None);
        Cluster.Clock.Advance(TimeSpan.FromSeconds(61));
        var after = await connection.CurrentTokenAsync(CancellationToken.None);
        Assert.Equal((TestCluster.Token, "second-token"), (before, after));
    }

    [Fact]
    public async Task After_a_rejected_token_the_body_of_the_request_is_sent_once_more()
    {
        var connection = Cluster.InPod().Open();
        Cluster.Server.AdminToken = "second-token";
        Cluster.Write("serviceaccount/token", "second-token");
        await connection.PostTokenRequestAsync();
        Assert.Equal([401, 201], Cluster.Server.Requests.Select(static request => request.Status));
        Assert.Equal(2, Cluster.Bodies.Count);
        Assert.Single(Cluster.Bodies.Distinct());
    }

    [Fact]
    public async Task A_token_that_is_rejected_again_is_a_fault_that_a_retry_may_cure()
    {
        var claims = Base64Url.EncodeToString("""{"sub":"system:serviceaccount:demo:job"}"""u8);
        var connection = Cluster.InPod($"eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln").Open();
        var fault = await connection.FaultAsync(ExitCode.Failed, "rejected the credentials of system:serviceaccount:demo:job (401)");
        Assert.Equal(2, Cluster.Server.Requests.Count);
        Assert.DoesNotContain(claims, fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "--kubeconfig")]
    [InlineData("", null, "serviceaccount/token")]
    [InlineData("two words", null, "serviceaccount/token")]
    [InlineData(TestCluster.Token, "nothing", "ca.crt")]
    [InlineData(TestCluster.Token, "", "ca.crt")]
    public void An_incomplete_ServiceAccount_volume_is_a_usage_fault(string? token, string? authority, string part)
    {
        Cluster.InPod(token, authority);
        if (authority is "")
        {
            File.Delete(Path.Combine(Cluster.Environment.ServiceAccountFolder, "ca.crt"));
        }

        Assert.Fault(ExitCode.Usage, part, () => Cluster.Open());
    }

    [Fact]
    public async Task A_second_connection_uses_another_address_with_the_same_token()
    {
        await using var other = new KubeApiServer(Cluster.Authority);
        other.AdminToken = TestCluster.Token;
        await other.StartAsync();
        using var second = Cluster.InPod().Open().To(other.LoopbackAddress);
        await second.JsonAsync();
        Assert.Empty(Cluster.Server.Requests);
        Assert.Single(other.Requests);
    }

    [Theory]
    [InlineData("http://10.0.0.1:6443"), InlineData("https://user:word@10.0.0.1"), InlineData("ftp://10.0.0.1")]
    public void A_token_is_sent_over_https_only(string address)
    {
        var fault = Assert.Fault(ExitCode.Usage, "", () => Cluster.InPod().Open().To(new Uri(address)));
        Assert.DoesNotContain("word@", fault.Message, StringComparison.Ordinal);
    }
}
