namespace ClusterTrust.Shared.Tests.Telemetry;

public sealed class PrometheusTests
{
    [Fact]
    public void Text_has_help_and_type_once_and_escapes_labels()
    {
        var text = PrometheusText.Write(
        [
            new("a_total", "What\nit is.", true, [new("name", "x\"y\\z\n")], 2),
            new("a_total", "What\nit is.", true, [new("name", "b")], 1),
            new("b", "B.", false, [], 1.5),
        ]);
        Assert.Equal(
            "# HELP a_total What\\nit is.\n# TYPE a_total counter\na_total{name=\"x\\\"y\\\\z\\n\"} 2\na_total{name=\"b\"} 1\n# HELP b B.\n# TYPE b gauge\nb 1.5\n",
            text);
    }

    [Fact]
    public void A_collector_adds_counters_up_and_keeps_the_last_of_a_gauge()
    {
        using var collector = new MetricCollector();
        var counter = JobMeter.CreateCounter("test_things", "Things.");
        var gauge = JobMeter.CreateGauge("test_level", "Level.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        gauge.Record(1);
        gauge.Record(7);
        var samples = collector.Samples().ToDictionary(sample => sample.Name);
        Assert.Equal(5, samples["test_things_total"].Value);
        Assert.Equal(7, samples["test_level"].Value);
    }

    [Fact]
    public void The_last_success_is_set_by_a_success_alone()
    {
        using var collector = new MetricCollector();
        JobMeter.RecordRun("telemetry-test", "run", 1, false, TimeSpan.FromSeconds(2), DateTimeOffset.UnixEpoch.AddSeconds(100));
        Assert.DoesNotContain(collector.Samples(), sample => sample.Name == JobMeter.LastSuccess && sample.Labels[0].Value == "telemetry-test");
        JobMeter.RecordRun("telemetry-test", "run", 0, true, TimeSpan.FromSeconds(2), DateTimeOffset.UnixEpoch.AddSeconds(100));
        Assert.Equal(100, Assert.Single(collector.Samples(), sample => sample.Name == JobMeter.LastSuccess && sample.Labels[0].Value == "telemetry-test").Value);
    }

    [Fact]
    public async Task Requests_are_counted_by_server_and_status_under_the_same_name_for_every_reader()
    {
        using var collector = new MetricCollector();
        using var server = LoopbackListener.Start(out var address);
        var answering = Task.Run(async () =>
        {
            var context = await server.GetContextAsync();
            context.Response.StatusCode = 429;
            context.Response.Close();
        });
        using var client = new HttpClient();
        using (await client.GetAsync(new Uri(address)))
        {
            await answering;
        }

        Assert.Contains(collector.Samples(), static sample => sample.Name == "clustertrust_http_requests_total" && sample.IsCounter
            && sample.Labels.SequenceEqual([new("server", "127.0.0.1"), new("status", "429")]));
    }

    [Fact]
    public async Task A_textfile_is_replaced_whole_and_nothing_else_is_left()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("certsync.prom", "old");
        await new PrometheusTargets("certsync", null, file, null, NullLogger.Instance).WriteAsync([new("b", "B.", false, [], 1)], default);
        Assert.StartsWith("# HELP b B.", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData(null, "job/oidc"), InlineData("3", "job/oidc/instance/3")]
    public async Task A_Pushgateway_gets_the_text_under_the_job_and_its_part_and_one_that_is_down_fails_nothing(string? instance, string group)
    {
        using var gateway = LoopbackListener.Start(out var address);
        var received = Task.Run(async () =>
        {
            var context = await gateway.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream);
            using var response = context.Response;
            return $"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}\n{await reader.ReadToEndAsync()}";
        });

        await new PrometheusTargets("oidc", instance, null, new Uri(address), NullLogger.Instance).WriteAsync([new("b", "B.", false, [], 1)], default);
        await new PrometheusTargets("oidc", instance, null, new Uri("http://127.0.0.1:1"), NullLogger.Instance).WriteAsync([], default);

        Assert.Equal($"POST /metrics/{group}\n# HELP b B.\n# TYPE b gauge\nb 1\n", await received);
    }
}
