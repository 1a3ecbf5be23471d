namespace ClusterTrust.Shared.Tests.Hosting;

/// <summary>
/// A text as a tenant or a server may write it, with a token and a key, sent through every way out of the process: no credential, no control
/// character and no forged line gets out, and no length is without bound.
/// </summary>
public sealed partial class WaysOutTests
{
    private const string Secret = "S3CR3T";

    private static readonly string Hostile = string.Concat(
        "shop\u001b[31m/\u202eweb\u200b\n12:00:00 error FORGED\r\u0085\u2028",
        $" eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.{Secret}{new string('a', 64)} Bearer {Secret}0123456789 https://me:{Secret}@host/ ghp_{Secret}0123456789abcdef ",
        "-----BEGIN", $" PRIVATE KEY-----\n{Secret}\n-----END", " PRIVATE KEY----- \ud800 end",
        new string('x', 100_000));

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Log_report_and_termination_message(bool isText, bool fails)
    {
        using var application = new TestApplication((services, _) =>
        {
            var run = services.GetRequiredService<JobRun>();
            var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("ClusterTrust.Test");
            using (log.BeginScope(new Dictionary<string, object?> { ["name"] = Hostile }))
            {
                Log(log, Hostile, new InvalidOperationException(Hostile, new IOException(Hostile)));
            }

            run.Output.WriteLine($"warning: {Hostile}");
            new TextTable("SECRET", "NAME").Add(Hostile, "web").WriteTo(run.Output);
            return fails
                ? throw new JobException(Hostile, ExitCode.Failed, new IOException(Hostile))
                : Task.FromResult(new JobResult(ExitCode.Done, Hostile) { Counts = [new(Hostile, 1)], Failures = [new(Hostile, Hostile)] });
        });

        Assert.Equal(fails ? 1 : 0, await application.RunAsync("--cluster", Hostile, "--log-format", isText ? "text" : "json", "--verbose"));

        foreach (var line in application.ErrorLines)
        {
            AssertClean(line, 40_000);
            if (!isText)
            {
                _ = JsonNode.Parse(line);
            }
        }

        var report = application.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, report.Length);
        Assert.All(report, static line => AssertClean(line, 20_000));
        Assert.EndsWith("  web", report[2], StringComparison.Ordinal);
        var message = await File.ReadAllTextAsync(application.TerminationLog);
        AssertClean(message, 4096);
        Assert.DoesNotContain('\n', message);
        _ = JsonNode.Parse(message);
    }

    [Fact]
    public async Task A_wrong_command_line()
    {
        using var application = new TestApplication();
        Assert.Equal(2, await application.RunAsync("--cluster", "a", $"--{Hostile}", "--max-retries", Hostile, Hostile));
        Assert.All(application.ErrorLines, static line => AssertClean(line, 5000));
        AssertClean(await File.ReadAllTextAsync(application.TerminationLog), 4096);
    }

    [Fact]
    public void JSON_on_standard_output_stays_JSON()
    {
        using var output = new StringWriter();
        using var report = new ReportWriter(output);
        report.Write(JsonSerializer.Serialize(new JsonObject { ["name"] = Hostile, ["next"] = 1 }, Relaxed) + "\n");
        AssertClean(output.ToString().TrimEnd('\n'), 200_000);
        var node = JsonNode.Parse(output.ToString())!;
        Assert.Equal(1, (int)node["next"]!);
        Assert.StartsWith("shop\u001b[31m/\u202eweb", (string)node["name"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_metrics()
    {
        using var collector = new MetricCollector();
        JobMeter.CreateGauge("test_hostile", "A test.").Record(1, new("name", Hostile), new("other", "a"));
        JobMeter.CreateCounter("test_hostile_count", "A test.").Add(1, new KeyValuePair<string, object?>("name", Hostile));
        var samples = collector.Samples().Where(static sample => sample.Name.StartsWith("test_hostile", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, samples.Length);
        Assert.All(samples, static sample => AssertClean(sample.Labels[0].Value, 400));
    }

    /// <summary>System.Net.Http records the exceptions of requests, whose messages contain the proxy's address with its password.</summary>
    [Fact]
    public void Exceptions_of_spans()
    {
        using var export = OtlpExport.StartIfConfigured("test", "1", new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1" }, NullLogger.Instance);
        using var source = new ActivitySource("System.Net.Http");
        using var span = source.StartActivity("GET");
        span!.AddException(new HttpRequestException(Hostile, new IOException(Hostile)));

        // The exports of tests that run at the same time add tags of the same names.
        var tags = Assert.Single(span.Events).Tags.ToLookup(static tag => tag.Key, static tag => (string)tag.Value!);
        Assert.Equal("System.Net.Http.HttpRequestException", tags["exception.type"].First());
        Assert.NotEmpty(tags["exception.message"]);
        Assert.All(tags["exception.message"], static message => AssertClean(message, 4096));
        Assert.NotEmpty(tags["exception.stacktrace"]);
        Assert.All(tags["exception.stacktrace"].SelectMany(static trace => trace.Split('\n')), static line => AssertClean(line, 1100));
    }

    [Fact]
    public void Spans()
    {
        using var processor = new SanitizingProcessor();
        using var span = new Activity("run");
        span.Start();
        span.DisplayName = Hostile;
        span.SetStatus(ActivityStatusCode.Error, Hostile);
        span.SetTag("text", Hostile);
        span.SetTag("address", new Uri("https://me:S3CR3T@host/"));
        span.SetTag("count", 7);

        processor.OnEnd(span);

        AssertClean(span.DisplayName, 400);
        AssertClean(span.StatusDescription!, 4096);
        Assert.Equal(7, span.GetTagItem("count"));
        AssertClean((string)span.GetTagItem("text")!, 400);
        AssertClean((string)span.GetTagItem("address")!, 400);
    }

    [Fact]
    public async Task Events()
    {
        await using var cluster = new TestCluster();
        await cluster.Server.StartAsync();
        var connection = cluster.InPod().Open(clock: TimeProvider.System);
        await new EventRecorder(connection, "clustertrust.dev/certsync", "pod", NullLogger<EventRecorder>.Instance)
            .RecordAsync(EventRecorderTests.Secret("demo", "web"), isWarning: true, "Refused", "Sync", Hostile, CancellationToken.None);
        AssertClean((string)JsonNode.Parse(Assert.Single(cluster.Bodies))!["note"]!, 1024);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static void AssertClean(string text, int maxLength)
    {
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, static unit => char.IsControl(unit) || unit is '\u202E' or '\u200B' or '\u2028' || char.IsSurrogate(unit));
        Assert.False(text.StartsWith("12:00:00", StringComparison.Ordinal), text);
        Assert.InRange(text.Length, 0, maxLength);
    }

    [LoggerMessage(9001, LogLevel.Warning, "odd name {Name}")]
    private static partial void Log(ILogger log, string name, Exception exception);
}
