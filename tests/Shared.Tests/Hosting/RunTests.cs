namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class RunTests
{
    public static TheoryData<Exception, int, string> Ends => new()
    {
        { new JobException("the vault is away; try later"), 1, "the vault is away; try later" },
        { new JobException("the name is wrong", ExitCode.Usage), 2, "the name is wrong" },
        { new JobException("not ours", ExitCode.Refused, new IOException("deep")), 3, "not ours" },
        { new HttpRequestException("no route\nto host."), 1, "unexpected HttpRequestException: no route to host" },
        { new OperationCanceledException("timed out"), 1, "unexpected OperationCanceledException: timed out" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task An_error_is_one_sentence_with_its_exit_code_and_a_stack_trace_only_with_verbose(Exception error, int exitCode, string sentence)
    {
        ArgumentNullException.ThrowIfNull(error);
        foreach (var isTerminal in new[] { true, false })
        {
            using var application = new TestApplication((_, _) => throw error) { IsTerminal = isTerminal };

            Assert.Equal(exitCode, await application.RunAsync("--cluster", "a"));

            var shown = application.Error.ToString();
            Assert.Contains(isTerminal ? $"\e[31merror:\e[0m {sentence}" : sentence, shown, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("deep", shown, StringComparison.Ordinal);
            Assert.Equal(error is not JobException, shown.Contains("; run with --verbose for details", StringComparison.Ordinal));
            Assert.Equal((exitCode, sentence), ((int)application.Summary["exitCode"]!, (string?)application.Summary["message"]));

            Assert.Equal(exitCode, await application.RunAsync("--cluster", "a", "--verbose"));
            Assert.Contains("   at ", application.Error.ToString(), StringComparison.Ordinal);
            Assert.Equal(error.InnerException is not null, application.Error.ToString().Contains("deep", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_proxy_or_CA_file_that_would_be_ignored_is_an_invalid_setting()
    {
        using var application = new TestApplication();
        (application.Variables["HTTPS_PROXY"], application.Variables["SSL_CERT_FILE"]) = ("http://user:hunter2@proxy.example:99999", "/no/such.pem");
        Assert.Equal(2, await application.RunAsync("--cluster", "a"));
        Assert.Contains("HTTPS_PROXY does not contain the address of a proxy", application.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("SSL_CERT_FILE must name a file that exists, not '/no/such.pem'", application.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", application.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCode.Done), InlineData(ExitCode.Failed), InlineData(ExitCode.Refused)]
    public async Task The_jobs_result_is_the_exit_code_and_the_summary(ExitCode exitCode)
    {
        using var application = new TestApplication((_, _) => Task.FromResult(new JobResult(exitCode, "1 created, 1 failed")
        {
            Counts = [new("created", 1)],
            Failures = [new("shop/web-tls", "forbidden")],
        }));
        Assert.Equal((int)exitCode, await application.RunAsync("plan", "--cluster", "a"));
        var summary = application.Summary;
        Assert.Equal(("certsync", "plan", (int)exitCode), ((string?)summary["job"], (string?)summary["command"], (int)summary["exitCode"]!));
        Assert.Equal((12, true), (((string)summary["runId"]!).Length, (double)summary["seconds"]! >= 0));
        Assert.Equal((1, "shop/web-tls"), ((int)summary["counts"]!["created"]!, (string?)summary["failures"]![0]!["item"]));
    }

    [Theory]
    [InlineData(true, "--detailed-exitcode", 4)]
    [InlineData(false, "--detailed-exitcode", 0)]
    [InlineData(true, "--detailed-exitcode=false", 0)]
    [InlineData(true, "--verbose", 0)]
    public async Task A_plan_reports_pending_changes_by_its_exit_code_if_asked_to(bool hasChanges, string flag, int exitCode)
    {
        using var application = new TestApplication((services, _) =>
            Task.FromResult(new JobResult(services.GetRequiredService<JobRun>().Done(hasChanges), "1 create")));
        var metrics = Path.Combine(application.Folder, "certsync.prom");
        Assert.Equal(exitCode, await application.RunAsync("plan", "--cluster", "a", "--metrics-file", metrics, flag));
        Assert.Contains($"{JobMeter.LastSuccess}{{", await File.ReadAllTextAsync(metrics), StringComparison.Ordinal);
        Assert.Equal(2, await application.RunAsync("sync", "--cluster", "a", "--detailed-exitcode"));
    }

    [Fact]
    public async Task A_stop_before_the_job_has_begun_is_a_stop()
    {
        using var application = new TestApplication(static (_, _) => throw new InvalidOperationException("The job must not begin."));
        application.Services = _ => application.Stop();
        Assert.Equal(143, await application.RunAsync("--cluster", "a"));
        Assert.Equal("stopped before it was done", (string?)application.Summary["message"]);
    }

    [Fact]
    public async Task No_signal_ends_the_process_before_its_summary_and_its_metrics_are_written()
    {
        using var gateway = LoopbackListener.Start(out var address);
        using var application = new TestApplication();
        var run = application.RunAsync("--cluster", "a", "--pushgateway", address);
        var push = await gateway.GetContextAsync();
        Assert.True(application.IsListening);
        push.Response.Close();
        Assert.Equal(0, await run);
        Assert.False(application.IsListening);
    }

    /// <summary>How a job ends after a stop, the exit code, and the message if it is not the job's.</summary>
    public static TheoryData<Func<JobRun, CancellationToken, JobResult>, int, string> StoppedEnds => new()
    {
        { static (run, _) => new JobResult(run.Done(hasChanges: true), "1 create"), 143, "1 create" },
        { static (_, stopping) => throw new OperationCanceledException(stopping), 143, "stopped before it was done" },
        { static (_, _) => throw new JobException("no", ExitCode.Failed), 143, "no" },
        { static (_, _) => throw new JobException("no", ExitCode.Refused), 3, "no" },
        { static (_, _) => throw new IOException("cut off"), 143, "unexpected IOException: cut off" },
    };

    [Theory]
    [MemberData(nameof(StoppedEnds))]
    public async Task A_stopped_job_exits_143_unless_it_refused(Func<JobRun, CancellationToken, JobResult> end, int expected, string message)
    {
        using var application = new TestApplication();
        application.Work = (services, stopping) =>
        {
            application.Stop();
            Assert.True(stopping.IsCancellationRequested);
            return Task.FromResult(end(services.GetRequiredService<JobRun>(), stopping));
        };

        Assert.Equal(expected, await application.RunAsync("plan", "--cluster", "a", "--detailed-exitcode"));
        Assert.Equal((message, expected), ((string?)application.Summary["message"], (int)application.Summary["exitCode"]!));
        Assert.Contains("stop signal received", application.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_is_a_service_and_writes_results_to_standard_output_only()
    {
        using var application = new TestApplication(async (services, _) =>
        {
            var run = services.GetRequiredService<JobRun>();
            await run.Output.WriteAsync($"{run.Job} {run.Command} {run.Format} {run.Verbose}");
            services.GetRequiredService<ILoggerFactory>().CreateLogger("test").UsageWarning("hello");
            return JobResult.Done("said hello");
        });

        Assert.Equal(0, await application.RunAsync("plan", "--cluster", "a", "--output", "json"));
        Assert.Equal("certsync plan Json False", application.Output.ToString());
        Assert.Contains("hello", application.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer a,S3CR3T")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/file")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0")]
    [InlineData("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "99999999")]
    [InlineData("OTEL_TRACES_SAMPLER", "sometimes")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "a=b=c,,%zz")]
    public async Task No_variable_of_OpenTelemetry_fails_a_run(string name, string value)
    {
        using var application = new TestApplication();
        application.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1";
        application.Variables[name] = value;
        Assert.Equal(0, await application.RunAsync("--cluster", "a"));
        Assert.DoesNotContain("S3CR3T", application.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(name.EndsWith("HEADERS", StringComparison.Ordinal), application.Error.ToString().Contains("not exported over OTLP (ArgumentException)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_summary_goes_to_the_file_that_the_settings_name_or_nowhere()
    {
        using var application = new TestApplication();
        var own = application.WriteFile("", "message");
        Assert.Equal(0, await application.RunAsync("--cluster", "a", "--termination-log", own));
        Assert.StartsWith("{", await File.ReadAllTextAsync(own), StringComparison.Ordinal);
        Assert.Empty(await File.ReadAllTextAsync(application.TerminationLog));
        File.Delete(application.TerminationLog);
        Assert.Equal(0, await application.RunAsync("--cluster", "a"));
        Assert.False(File.Exists(application.TerminationLog));
    }

    /// <summary>Without a home directory .NET fails every TLS connection.</summary>
    [Fact]
    public void A_process_without_a_home_directory_gets_one()
    {
        var home = Environment.GetEnvironmentVariable("HOME");
        try
        {
            Environment.SetEnvironmentVariable("HOME", null);
            Assert.True(Path.IsPathRooted(JobEnvironment.ForProcess().Variables["HOME"]));
        }
        finally
        {
            Environment.SetEnvironmentVariable("HOME", home);
        }
    }
}
