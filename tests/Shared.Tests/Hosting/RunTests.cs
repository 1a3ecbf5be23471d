using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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
    public async Task An_error_is_one_sentence_with_its_exit_code_and_no_stack_trace(Exception error, int exitCode, string sentence)
    {
        ArgumentNullException.ThrowIfNull(error);
        foreach (var isTerminal in new[] { true, false })
        {
            using var application = new TestApplication((_, _) => throw error) { IsTerminal = isTerminal };

            Assert.Equal(exitCode, await application.RunAsync("--cluster", "a"));

            var told = application.Error.ToString();
            Assert.Contains(sentence, told, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", told, StringComparison.Ordinal);
            Assert.DoesNotContain("deep", told, StringComparison.Ordinal);
            Assert.Equal(error is not JobException, told.Contains("; run with --verbose for details", StringComparison.Ordinal));
            var summary = Summary(application);
            Assert.Equal(exitCode, summary.GetProperty("exitCode").GetInt32());
            Assert.Equal(sentence, summary.GetProperty("message").GetString());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Verbose_shows_stack_traces_and_causes(bool isTerminal)
    {
        using var application = new TestApplication((_, _) => throw new JobException("not ours", ExitCode.Refused, new IOException("deep")))
        {
            IsTerminal = isTerminal,
        };

        Assert.Equal(3, await application.RunAsync("--cluster", "a", "--verbose"));

        Assert.Contains("   at ", application.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("deep", application.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCode.Done)]
    [InlineData(ExitCode.Failed)]
    [InlineData(ExitCode.Refused)]
    public async Task The_jobs_result_is_the_exit_code_and_the_summary(ExitCode exitCode)
    {
        using var application = new TestApplication((_, _) => Task.FromResult(new JobResult(
            exitCode,
            new("1 created, 1 failed") { Counts = [new("created", 1)], Failures = [new("shop/web-tls", "forbidden")] })));

        Assert.Equal((int)exitCode, await application.RunAsync("plan", "--cluster", "a"));

        var summary = Summary(application);
        Assert.Equal("certsync", summary.GetProperty("job").GetString());
        Assert.Equal("plan", summary.GetProperty("command").GetString());
        Assert.Equal(12, summary.GetProperty("runId").GetString()!.Length);
        Assert.Equal((int)exitCode, summary.GetProperty("exitCode").GetInt32());
        Assert.True(summary.GetProperty("seconds").GetDouble() >= 0);
        Assert.Equal(1, summary.GetProperty("counts").GetProperty("created").GetInt32());
        Assert.Equal("shop/web-tls", summary.GetProperty("failures")[0].GetProperty("item").GetString());
    }

    [Theory]
    [InlineData(true, "--detailed-exitcode", 4)]
    [InlineData(false, "--detailed-exitcode", 0)]
    [InlineData(true, "--detailed-exitcode=false", 0)]
    [InlineData(true, "--verbose", 0)]
    public async Task A_plan_reports_pending_changes_by_its_exit_code_if_asked_to(bool hasChanges, string flag, int exitCode)
    {
        using var application = new TestApplication((services, _) =>
            Task.FromResult(new JobResult(services.GetRequiredService<JobRun>().Done(hasChanges), new("1 create"))));
        var metrics = Path.Combine(application.Folder, "certsync.prom");

        Assert.Equal(exitCode, await application.RunAsync("plan", "--cluster", "a", "--metrics-file", metrics, flag));
        Assert.Contains($"{JobMeter.LastSuccess}{{", await File.ReadAllTextAsync(metrics), StringComparison.Ordinal);
        Assert.Equal(2, await application.RunAsync("sync", "--cluster", "a", "--detailed-exitcode"));
    }

    [Fact]
    public async Task A_stopped_plan_with_pending_changes_exits_143()
    {
        TestApplication? application = null;
        using (application = new TestApplication((services, _) =>
        {
            application!.Stop();
            return Task.FromResult(new JobResult(services.GetRequiredService<JobRun>().Done(hasChanges: true), new("1 create")));
        }))
        {
            Assert.Equal(143, await application.RunAsync("plan", "--cluster", "a", "--detailed-exitcode"));
        }
    }

    [Fact]
    public async Task A_stop_cancels_the_token_and_the_item_in_hand_is_finished()
    {
        TestApplication? application = null;
        var finished = false;
        using (application = new TestApplication(async (_, stopping) =>
        {
            application!.Stop();
            Assert.True(stopping.IsCancellationRequested);
            await Task.Yield();
            finished = true;
            return JobResult.Done("1 of 2 created");
        }))
        {
            Assert.Equal(143, await application.RunAsync("--cluster", "a"));
            Assert.True(finished);
            Assert.Equal("1 of 2 created", Summary(application).GetProperty("message").GetString());
            Assert.Equal(143, Summary(application).GetProperty("exitCode").GetInt32());
            Assert.Contains("asked to stop", application.Error.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null, 143)]
    [InlineData(ExitCode.Failed, 143)]
    [InlineData(ExitCode.Refused, 3)]
    public async Task A_stopped_job_that_throws_exits_143_unless_it_refused(ExitCode? exitCode, int expected)
    {
        TestApplication? application = null;
        using (application = new TestApplication((_, stopping) =>
        {
            application!.Stop();
            stopping.ThrowIfCancellationRequested();
            throw new InvalidOperationException("not reached");
        }))
        {
            Assert.Equal(143, await application.RunAsync("--cluster", "a"));
            Assert.Equal("stopped before it was done", Summary(application).GetProperty("message").GetString());
        }

        using (application = new TestApplication((_, _) =>
        {
            application!.Stop();
            throw exitCode is { } code ? new JobException("no", code) : new IOException("cut off");
        }))
        {
            Assert.Equal(expected, await application.RunAsync("--cluster", "a"));
        }
    }

    [Fact]
    public async Task The_run_is_a_service_and_writes_results_to_standard_output_only()
    {
        using var application = new TestApplication(async (services, _) =>
        {
            var run = services.GetRequiredService<JobRun>();
            await run.Output.WriteAsync($"{run.Job} {run.Command} {run.Format} {run.Verbose} {run.IsTerminal}");
            services.GetRequiredService<ILoggerFactory>().CreateLogger("test").UsageWarning("hello");
            return JobResult.Done("said hello");
        });

        Assert.Equal(0, await application.RunAsync("plan", "--cluster", "a", "--output", "json"));

        Assert.Equal("certsync plan Json False False", application.Output.ToString());
        Assert.Contains("hello", application.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_termination_log_nothing_is_written()
    {
        using var application = new TestApplication();
        File.Delete(application.TerminationLog);

        Assert.Equal(0, await application.RunAsync("--cluster", "a"));

        Assert.False(File.Exists(application.TerminationLog));
    }

    [Fact]
    public async Task The_summary_goes_to_the_file_that_the_settings_name()
    {
        using var application = new TestApplication();
        var own = Path.Combine(application.Folder, "message");
        await File.WriteAllTextAsync(own, "");

        Assert.Equal(0, await application.RunAsync("--cluster", "a", "--termination-log", own));

        Assert.StartsWith("{", await File.ReadAllTextAsync(own), StringComparison.Ordinal);
        Assert.Empty(await File.ReadAllTextAsync(application.TerminationLog));
    }

    private static JsonElement Summary(TestApplication application)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(application.TerminationLog));
        return json.RootElement.Clone();
    }
}
