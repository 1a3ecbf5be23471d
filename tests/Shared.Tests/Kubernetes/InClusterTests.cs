using System.Buffers.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class InClusterTests
{
    [Fact]
    public async Task A_pod_speaks_to_its_cluster_over_http2_with_its_token()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("24");
        cluster.Server.AcceptedToken = TestCluster.Token;
        using var connection = cluster.Open();

        var version = await connection.JsonAsync();

        Assert.Equal("v1.36.2", version.GetProperty("gitVersion").GetString());
        Assert.Equal("demo", connection.Namespace);
        Assert.Equal("HTTP/2", Assert.Single(cluster.Server.Protocols));
        Assert.Equal(cluster.Server.LoopbackAddress, connection.Server);
    }

    [Fact]
    public async Task The_token_is_read_again_after_a_minute()
    {
        await using var cluster = TestCluster.Silent();
        using var connection = cluster.InPod().Open();

        cluster.Write("serviceaccount/token", "second-token");
        var before = await connection.CurrentTokenAsync(CancellationToken.None);
        cluster.Clock.Advance(TimeSpan.FromSeconds(61));
        var after = await connection.CurrentTokenAsync(CancellationToken.None);

        Assert.Equal((TestCluster.Token, "second-token"), (before, after));
    }

    [Fact]
    public async Task A_refused_token_is_read_again_at_once_and_the_request_sent_once_more()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var connection = cluster.InPod().Open();
        cluster.Server.Knows("24");
        await connection.JsonAsync();
        cluster.Server.AcceptedToken = "second-token";
        cluster.Write("serviceaccount/token", "second-token");

        await connection.JsonAsync();

        Assert.Equal([200, 401, 200], cluster.Server.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task A_token_that_stays_refused_ends_with_a_sentence_and_a_retry_may_help()
    {
        await using var cluster = await TestCluster.StartAsync();
        var claims = Base64Url.EncodeToString("""{"sub":"system:serviceaccount:demo:job"}"""u8);
        using var connection = cluster.InPod($"eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln").Open();
        cluster.Server.AcceptedToken = "another";

        var fault = await connection.FaultAsync();

        Assert.Equal(2, cluster.Server.Requests.Count);
        Assert.Equal(ExitCode.Failed, fault.ExitCode);
        Assert.Equal("system:serviceaccount:demo:job", connection.Identity);
        Assert.Contains("rejected the credentials of system:serviceaccount:demo:job (401)", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(claims, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_file_there_is_no_cluster()
    {
        await using var cluster = TestCluster.Silent();
        cluster.InPod(token: null);

        var fault = Assert.Throws<JobException>(() => cluster.Open());

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("--kubeconfig", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public async Task A_token_file_without_a_token_is_a_usage_fault(string content)
    {
        await using var cluster = TestCluster.Silent();

        var fault = Assert.Throws<JobException>(() => cluster.InPod(content).Open());

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("serviceaccount/token", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_or_empty_ca_file_is_a_usage_fault()
    {
        await using var cluster = TestCluster.Silent();
        cluster.InPod(authority: "nothing");
        var empty = Assert.Throws<JobException>(() => cluster.Open());
        File.Delete(Path.Combine(cluster.Environment.ServiceAccountFolder, "ca.crt"));
        var missing = Assert.Throws<JobException>(() => cluster.Open());

        Assert.All([empty, missing], fault => Assert.Equal(ExitCode.Usage, fault.ExitCode));
        Assert.All([empty, missing], fault => Assert.Contains("ca.crt", fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_connection_speaks_to_another_address_with_the_same_token()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var other = new RecordedApiServer(cluster.Authority) { AcceptedToken = TestCluster.Token };
        await other.StartAsync();
        other.Knows("24");
        using var connection = cluster.InPod().Open();
        using var second = connection.To(other.LoopbackAddress);

        await second.JsonAsync();

        Assert.Empty(cluster.Server.Requests);
        Assert.Single(other.Requests);
    }

    [Theory]
    [InlineData("http://10.0.0.1:6443")]
    [InlineData("https://user:word@10.0.0.1")]
    [InlineData("ftp://10.0.0.1")]
    public async Task A_token_is_sent_over_https_only(string address)
    {
        await using var cluster = TestCluster.Silent();

        var fault = Assert.Throws<JobException>(() => cluster.InPod().Open(new KubernetesOptions { Server = new Uri(address) }));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.DoesNotContain("word@", fault.Message, StringComparison.Ordinal);
    }
}
