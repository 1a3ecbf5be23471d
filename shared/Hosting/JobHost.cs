using ClusterTrust.Hosting.CommandLine;
using ClusterTrust.Hosting.Logging;
using ClusterTrust.Hosting.Output;
using ClusterTrust.Hosting.Settings;
using ClusterTrust.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting;

/// <summary>One run: settings, services, the job, and whatever way it ends.</summary>
internal sealed class JobHost(JobApplication application, JobEnvironment environment)
{
    private readonly long _start = environment.Clock.GetTimestamp();

    /// <summary>Runs the command.</summary>
    /// <returns>What the process exits with.</returns>
    public async Task<ExitCode> RunAsync(CommandLineInput input)
    {
        var values = ReadSettings(input);
        var run = MakeRun(input, values);
        var sink = new LogSink(environment, ValueOrDefault(values, CommonSettings.LogFormat), run);
        using var provider = new LineLoggerProvider(sink);
        var filter = new LoggerFilterOptions();
        Filter(values, filter);
        using var logging = new LoggerFactory([provider], filter);
        var log = logging.CreateLogger(application.Name);
        var reporter = new RunReporter(run, sink, log);
        values.Warnings.ForEach(reporter.Warn);
        using var telemetry = values.Faults.Count > 0 ? null : StartTelemetry(run, values, log);

        var result = values.Faults.Count > 0
            ? reporter.UsageFaults(values.Faults).Sanitize()
            : await RunAsync(input.Command!, values, run, provider, reporter);
        await run.Output.FlushAsync();
        var duration = environment.Clock.GetElapsedTime(_start);
        reporter.Finished(result, duration);
        reporter.WriteTerminationLog(ValueOrDefault(values, CommonSettings.TerminationLog) ?? environment.TerminationLog, result, duration);
        if (telemetry is not null)
        {
            var isSuccess = result is { ExitCode: ExitCode.Done or ExitCode.ChangesPending, IsSkipped: false };
            await telemetry.EndAsync((int)result.ExitCode, isSuccess, result.Summary.Message, duration, StopTimes.Telemetry, environment.Clock);
        }

        return result.ExitCode;
    }

    private TelemetrySession StartTelemetry(JobRun run, SettingValues values, ILogger log) => new(
        run.Job,
        run.Command ?? "",
        run.RunId,
        JobVersion.Current,
        new(ValueOrDefault(values, CommonSettings.MetricsFile), ValueOrDefault(values, CommonSettings.Pushgateway)),
        environment.Variables.GetValueOrDefault,
        log);

    private static T ValueOrDefault<T>(SettingValues values, Setting<T> setting) =>
        values.TryGet(setting, out var value) ? value : setting.Default;

    private static void Filter(SettingValues values, LoggerFilterOptions options) => ValueOrDefault(values, CommonSettings.LogLevel)
        .ApplyTo(options, ValueOrDefault(values, CommonSettings.Verbose) ? LogLevel.Debug : LogLevel.Information);

    private SettingValues ReadSettings(CommandLineInput input)
    {
        var command = input.Command;
        var resolver = new SettingResolver(application.EnvironmentPrefix, application.AllSettings(), environment.Variables, CommonSettings.Config);
        var values = resolver.Resolve(
            command is null ? CommonSettings.All : JobApplication.SettingsOf(command),
            input.Flags,
            Path.Combine(environment.ConfigDirectory, application.Name + ".json"),
            input.Faults);
        command?.Validate(values);
        return values;
    }

    private JobRun MakeRun(CommandLineInput input, SettingValues values) => new()
    {
        Job = application.Name,
        Command = input.Command?.Name,
        RunId = Guid.NewGuid().ToString("N")[..12],
        StartedAt = environment.Clock.GetUtcNow(),
        Output = environment.Output,
        IsTerminal = environment.OutputIsTerminal,
        Progress = environment.ErrorIsTerminal && environment.Variables.GetValueOrDefault("TERM") != "dumb"
            ? new ProgressLine(environment.Error, static () => Console.WindowWidth)
            : ProgressLine.None,
        Format = ValueOrDefault(values, CommonSettings.Output),
        Verbose = ValueOrDefault(values, CommonSettings.Verbose),
        DetailedExitCode = ValueOrDefault(values, CommonSettings.DetailedExitCode),
        Scope = input.Command?.Scope(values) ?? [],
    };

    private async Task<JobResult> RunAsync(JobCommand command, SettingValues values, JobRun run, LineLoggerProvider provider, RunReporter reporter)
    {
        // Not disposed: a signal may be on its way while the run ends, and a source without a timer holds nothing.
        var stop = new CancellationTokenSource();
        using var signals = environment.ListenForStop(() =>
        {
            reporter.Stopping();
            stop.Cancel();
        });
        return await EndOfAsync(
            async () =>
            {
                var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
                builder.Logging.AddProvider(provider);
                builder.Services.Configure<LoggerFilterOptions>(options => Filter(values, options));
                builder.Services.AddSingleton<IHostLifetime, JobLifetime>();
                builder.Services.AddSingleton(run);
                builder.Services.AddSingleton(environment.Clock);
                command.Configure(builder.Services, values);
                return values.Faults.Count > 0
                    ? reporter.UsageFaults(values.Faults)
                    : await RunAsync(builder.Build(), reporter, environment.Clock, stop.Token);
            },
            reporter,
            stop.Token);
    }

    private static async Task<JobResult> RunAsync(IHost host, RunReporter reporter, TimeProvider clock, CancellationToken stopping)
    {
        await using var disposal = (IAsyncDisposable)host;
        await host.StartAsync(stopping);
        reporter.Started();
        var result = await EndOfAsync(() => host.Services.GetRequiredService<IJob>().RunAsync(stopping), reporter, stopping);
        foreach (var observer in host.Services.GetServices<IRunObserver>())
        {
            await NotifyAsync(observer, result, reporter, clock);
        }

        await host.StopAsync(CancellationToken.None);
        return result;
    }

    private static async Task NotifyAsync(IRunObserver observer, JobResult result, RunReporter reporter, TimeProvider clock)
    {
        try
        {
            await observer.RunEndedAsync(result).WaitAsync(StopTimes.Event, clock);
        }
        catch (Exception fault)
        {
            // The run is over and its result is known; whatever the observer met must not change it.
            reporter.ObserverFailed(observer, fault);
        }
    }

    /// <summary>How work ended, in whatever way it ended.</summary>
    private static async Task<JobResult> EndOfAsync(Func<Task<JobResult>> work, RunReporter reporter, CancellationToken stopping)
    {
        try
        {
            return WhenStopped((await work()).Sanitize(), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return new(ExitCode.Terminated, new("stopped before it was done"));
        }
        catch (JobException e)
        {
            return WhenStopped(reporter.Failed(e).Sanitize(), stopping);
        }
        catch (Exception e)
        {
            // A defect, or a fault that no edge has translated: it fails the run with its type and message.
            return WhenStopped(reporter.FailedUnexpectedly(e).Sanitize(), stopping);
        }
    }

    /// <summary>A stopped run exits with 143, unless it was refused or misconfigured, which a person must know.</summary>
    private static JobResult WhenStopped(JobResult result, CancellationToken stopping) =>
        stopping.IsCancellationRequested && result.ExitCode is (ExitCode.Done or ExitCode.ChangesPending or ExitCode.Failed)
            ? result with { ExitCode = ExitCode.Terminated }
            : result;
}
