using System.Globalization;
using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class RetryTests
{
    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_passing_fault_is_tried_again_later(int status)
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("24");
        cluster.Server.Faults.Next(new Fault.Status(status), 2);
        using var connection = cluster.Open();

        await connection.JsonAsync();

        Assert.Equal([status, status, 200], cluster.Server.Requests.Select(r => r.Status));
        Assert.Equal(2, cluster.Clock.Waits.Count);
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(3600, 30)]
    public async Task The_server_says_how_long_to_wait_up_to_half_a_minute(int asked, int waited)
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("24");
        cluster.Server.Faults.Next(Fault.TooManyRequests(asked));
        using var connection = cluster.Open();

        await connection.JsonAsync();

        Assert.Equal(TimeSpan.FromSeconds(waited), Assert.Single(cluster.Clock.Waits));
    }

    [Fact]
    public async Task The_server_may_say_until_when_to_wait()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("24");
        var first = true;
        cluster.Server.First = async (context, _) =>
        {
            if (!first)
            {
                return false;
            }

            first = false;
            context.Response.Headers.RetryAfter = DateTimeOffset.UtcNow.AddSeconds(20).ToString("R", CultureInfo.InvariantCulture);
            await RecordedApiServer.AnswerAsync(context, 503, "");
            return true;
        };
        using var connection = cluster.Open();

        await connection.JsonAsync();

        Assert.InRange(Assert.Single(cluster.Clock.Waits).TotalSeconds, 15, 20);
    }

    [Fact]
    public async Task It_gives_up_after_five_tries_and_says_what_the_server_said()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Server.Faults.Next(new Fault.Status(500, Body: """{"kind":"Status","message":"etcdserver: leader\u0007changed","reason":"InternalError"}"""), 9);
        using var connection = cluster.InPod().Open();

        var fault = await connection.FaultAsync();

        Assert.Equal(5, cluster.Server.Requests.Count);
        Assert.Equal((HttpStatusCode.InternalServerError, "InternalError", ExitCode.Failed), (fault.Status, fault.Reason, fault.ExitCode));
        Assert.Contains("etcdserver: leader changed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_connection_and_a_body_that_breaks_off_are_read_again()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("24");
        cluster.Server.Faults.Next(new Fault.Reset());
        cluster.Server.Faults.Next(new Fault.Truncate());
        using var connection = cluster.Open();

        await connection.JsonAsync();

        Assert.Equal([0, 0, 200], cluster.Server.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task A_post_is_not_sent_again_once_the_server_may_have_seen_it()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("21");
        using var connection = cluster.Open();

        cluster.Server.Faults.Next(new Fault.Reset());
        await Assert.ThrowsAsync<KubernetesException>(() => AskForTokenAsync(connection));
        cluster.Server.Faults.Next(Fault.Unavailable());
        await Assert.ThrowsAsync<KubernetesException>(() => AskForTokenAsync(connection));

        Assert.Equal(2, cluster.Server.Requests.Count);
    }

    [Fact]
    public async Task A_post_that_was_put_off_is_sent_again()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("21");
        cluster.Server.Faults.Next(Fault.TooManyRequests(1));
        using var connection = cluster.Open();

        await AskForTokenAsync(connection);

        Assert.Equal([429, 201], cluster.Server.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task A_server_that_comes_back_is_waited_for_even_by_a_post()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("21");
        await cluster.Server.StopAsync();
        using var connection = cluster.Open(new KubernetesOptions { Attempts = 200 });

        var asked = AskForTokenAsync(connection);
        await cluster.Server.StartAsync();

        Assert.NotEmpty((await asked).Token);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_left_after_the_timeout()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)), 2);
        using var connection = KubernetesConnection.Open(
            new KubernetesOptions { Attempts = 1, TryTimeout = TimeSpan.FromMilliseconds(200) }, environment: cluster.InPod().Environment);

        var fault = await connection.FaultAsync();

        Assert.Contains("did not answer GET /version in time", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, fault.ExitCode);
    }

    [Fact]
    public async Task Cancellation_stops_it_at_once_and_is_no_fault_of_the_server()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)));
        using var connection = cluster.InPod().Open();
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.GetJsonAsync("/version", TextJson.Default.JsonElement, cancellation.Token));
    }

    [Fact]
    public async Task Headers_are_handed_out_before_the_body_is_read()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("24");
        cluster.Server.Faults.Next(new Fault.Truncate());
        using var connection = cluster.Open();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/version", UriKind.Relative));

        using var response = await connection.SendAsync(request, CancellationToken.None);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
    }

    private static Task<IssuedToken> AskForTokenAsync(KubernetesConnection connection) =>
        connection.CreateTokenAsync("demo", "job", ["api://AzureADTokenExchange"], TimeSpan.FromHours(1), CancellationToken.None);
}
