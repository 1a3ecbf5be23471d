namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class RetryTests : ClusterTest
{
    [Theory]
    [InlineData(429), InlineData(500), InlineData(502), InlineData(503), InlineData(504)]
    public async Task A_transient_fault_is_retried_with_a_delay(int status)
    {
        Cluster.Server.Faults.Next(new Fault.Status(status), 2);
        await Cluster.InPod().Open().JsonAsync();
        Assert.Equal([status, status, 200], Cluster.Server.Requests.Select(r => r.Status));
        Assert.Equal(2, Cluster.Clock.Waits.Count);
    }

    public static TheoryData<string, int> Delays => new()
    {
        { "7", 7 },
        { "3600", 30 },
        { DateTimeOffset.UtcNow.AddHours(1).ToString("R", CultureInfo.InvariantCulture), 30 },
    };

    [Theory]
    [MemberData(nameof(Delays))]
    public async Task A_Retry_After_is_respected_up_to_half_a_minute(string requested, int waited)
    {
        Cluster.Server.Faults.Next(new Fault.Status(429));
        Cluster.Server.OnAnswer = context =>
        {
            context.Response.Headers.RetryAfter = requested;
            return Task.CompletedTask;
        };
        await Cluster.InPod().Open().JsonAsync();
        Assert.Equal(TimeSpan.FromSeconds(waited), Assert.Single(Cluster.Clock.Waits));
    }

    [Fact]
    public async Task After_five_attempts_the_fault_quotes_the_server()
    {
        Cluster.Server.Faults.Next(new Fault.Status(500, Body: """{"kind":"Status","message":"etcdserver: leader\u0007changed","reason":"InternalError"}"""), 9);
        var fault = await Cluster.InPod().Open().FaultAsync(ExitCode.Failed, "etcdserver: leader changed");
        Assert.Equal(5, Cluster.Server.Requests.Count);
        Assert.Equal((HttpStatusCode.InternalServerError, "InternalError"), (fault.Status, fault.Reason));
    }

    [Fact]
    public async Task A_post_is_retried_like_any_other_request_also_after_a_reset_connection_and_a_truncated_body()
    {
        foreach (var fault in (Fault[])[new Fault.Reset(), new Fault.Truncate(), Fault.Unavailable(), Fault.TooManyRequests(1)])
        {
            Cluster.Server.Faults.Next(fault);
        }

        await Cluster.InPod().Open().PostTokenRequestAsync();
        Assert.Equal([0, 0, 503, 429, 201], Cluster.Server.Requests.Select(static request => request.Status));
    }

    [Fact]
    public async Task A_post_is_retried_until_the_server_accepts_connections()
    {
        await Cluster.Server.StopAsync();
        var connection = Cluster.InPod().Open(new KubernetesOptions { Attempts = 200 });
        var response = connection.PostTokenRequestAsync();
        await Cluster.Server.StartAsync();
        Assert.Equal(JsonValueKind.Object, (await response).ValueKind);
    }

    [Fact]
    public async Task A_request_without_an_answer_times_out()
    {
        Cluster.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)), 2);
        var connection = Cluster.InPod().Open(new KubernetesOptions { Attempts = 1, TryTimeout = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);
        await connection.FaultAsync(ExitCode.Failed, "did not answer GET /version in time");
    }

    [Fact]
    public async Task Cancellation_is_not_reported_as_a_fault_of_the_server()
    {
        Cluster.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)));
        var connection = Cluster.InPod().Open();
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.GetJsonAsync("/version", TextJson.Default.JsonElement, cancellation.Token));
    }

    [Fact]
    public async Task Puts_and_posts_carry_their_media_types()
    {
        var types = new List<string?>();
        Cluster.Server.Instead = async context =>
        {
            types.Add($"{context.Request.Method} {context.Request.ContentType}");
            await context.Request.Body.CopyToAsync(context.Response.Body);
            return true;
        };
        var connection = Cluster.InPod().Open();
        Assert.Equal("a", await connection.SendJsonAsync(HttpMethod.Put, "/x", "a", TextJson.Default.String, CancellationToken.None));
        Assert.Equal("c", await connection.SendJsonAsync(HttpMethod.Post, "/x", "c", TextJson.Default.String, CancellationToken.None));
        Assert.Equal(["PUT application/json", "POST application/json"], types);
    }
}
