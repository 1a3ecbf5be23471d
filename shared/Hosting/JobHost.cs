using ClusterTrust.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ClusterTrust.Hosting;

/// <summary>One run: settings, services, the job, and its end.</summary>
internal sealed class JobHost(JobApplication application, JobEnvironment environment)
{
    private readonly long _start = environment.Clock.GetTimestamp();

    public async Task<ExitCode> RunAsync(CommandLineInput input)
    {
        var values = ReadSettings(input);
        var run = CreateRun(input, values);
        using var provider = new LineLoggerProvider(environment, values.GetOrDefault(CommonSettings.LogFormat), run);
        var filter = values.GetOrDefault(CommonSettings.LogLevel)
            .ToFilter(values.GetOrDefault(CommonSettings.Verbose) ? LogLevel.Debug : LogLevel.Information);
        using var logging = new LoggerFactory([provider], filter);
        var log = logging.CreateLogger(application.Name);
        var reporter = new RunReporter(run, provider.IsText, log);

        // Until everything is written: no signal ends the process before its summary. Not disposed of, because a signal may come at any time.
        var stop = new CancellationTokenSource();
        using var signals = environment.ListenForStop(() =>
        {
            log.Stopping();
            try
            {
                stop.Cancel();
            }
            catch (AggregateException fault)
            {
                // Rethrown, it would end the process.
                log.StopFailed(fault.Message);
            }
        });
        values.Warnings.ForEach(log.UsageWarning);
        using var telemetry = values.Faults.Count > 0 ? null : StartTelemetry(input.Command!, run, values, log);

        var result = values.Faults.Count > 0
            ? reporter.UsageFaults(values.Faults).Sanitize()
            : await RunAsync(input.Command!, values, run, logging, reporter, stop.Token);
        try
        {
            await run.Output.FlushAsync();
        }
        catch (JobException e)
        {
            var unwritten = reporter.Failed(e).Sanitize();
            result = result.ExitCode is ExitCode.Done or ExitCode.ChangesPending ? unwritten : result;
        }

        var duration = environment.Clock.GetElapsedTime(_start);
        reporter.Finished(result, duration);
        reporter.WriteTerminationLog(values.GetOrDefault(CommonSettings.TerminationLog) ?? environment.TerminationLog, result, duration);
        if (telemetry is not null)
        {
            var isSuccess = result is { ExitCode: ExitCode.Done or ExitCode.ChangesPending, IsSkipped: false };
            await telemetry.EndAsync((int)result.ExitCode, isSuccess, result.Message, duration, StopTimes.Telemetry, environment.Clock);
        }

        return result.ExitCode;
    }

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
        foreach (var fault in ProxyFault.InvalidVariables(environment.Variables))
        {
            values.Faults.Add(fault);
        }

        // OpenSSL ignores one that it cannot read, and then no server is trusted.
        if (environment.Variables.GetValueOrDefault("SSL_CERT_FILE") is { Length: > 0 } authorities && Setting.ReadableFile(authorities).Fault is { } reason)
        {
            values.Faults.Add($"SSL_CERT_FILE {reason}, not '{Sanitizer.Sanitize(authorities, 200)}'");
        }

        return values;
    }

    private JobRun CreateRun(CommandLineInput input, SettingValues values) => new()
    {
        Job = application.Name,
        Command = input.Command?.Name,
        RunId = Guid.NewGuid().ToString("N")[..12],
        Output = environment.Output,
        Progress = environment.ErrorIsTerminal && environment.Variables.GetValueOrDefault("TERM") != "dumb"
            ? new ProgressLine(environment.Error, static () => Console.WindowWidth)
            : ProgressLine.None,
        Format = values.GetOrDefault(CommonSettings.Output),
        Verbose = values.GetOrDefault(CommonSettings.Verbose),
        DetailedExitCode = values.GetOrDefault(CommonSettings.DetailedExitCode),
        Scope = input.Command?.Scope(values) ?? [],
    };

    private TelemetrySession StartTelemetry(JobCommand command, JobRun run, SettingValues values, ILogger log)
    {
        var (file, gateway) = (values.Get(CommonSettings.MetricsFile), values.Get(CommonSettings.Pushgateway));
        var prometheus = file is null && gateway is null ? null : new PrometheusTargets(run.Job, command.Instance(values), file, gateway, log);
        return new TelemetrySession(run.Job, run.Command!, run.RunId, JobApplication.Version, prometheus, environment.Variables, log);
    }

    private Task<JobResult> RunAsync(
        JobCommand command, SettingValues values, JobRun run, ILoggerFactory logging, RunReporter reporter, CancellationToken stopping) => ToResultAsync(
        async () =>
        {
            var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
            builder.Services
                .AddSingleton(logging)
                .AddSingleton<IHostLifetime>(provider => new JobLifetime(provider.GetRequiredService<IHostApplicationLifetime>(), stopping))
                .AddSingleton(run)
                .AddSingleton(environment.Clock);
            command.Configure(builder.Services, values);
            return values.Faults.Count > 0 ? reporter.UsageFaults(values.Faults) : await RunAsync(builder.Build(), reporter, stopping);
        },
        reporter,
        stopping);

    private async Task<JobResult> RunAsync(IHost host, RunReporter reporter, CancellationToken stopping)
    {
        await using var disposal = (IAsyncDisposable)host;
        await host.StartAsync(stopping);
        reporter.Started();
        var result = await ToResultAsync(
            async () => WhenStopped(await host.Services.GetRequiredService<IJob>().RunAsync(stopping), stopping), reporter, stopping);
        foreach (var observer in host.Services.GetServices<IRunObserver>())
        {
            try
            {
                using var timeout = new CancellationTokenSource(StopTimes.Event, environment.Clock);
                await observer.RunEndedAsync(result, timeout.Token).WaitAsync(timeout.Token);
            }
            catch (Exception fault)
            {
                // The run has ended and its result is known; no fault of an observer may change it.
                reporter.Log.ObserverFailed(observer.GetType().Name, fault.Message);
            }
        }

        await host.StopAsync(CancellationToken.None);
        return result;
    }

    /// <summary>Turns an exception of the work into a result.</summary>
    private static async Task<JobResult> ToResultAsync(Func<Task<JobResult>> work, RunReporter reporter, CancellationToken stopping)
    {
        try
        {
            return (await work()).Sanitize();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return new(ExitCode.Terminated, "stopped before it was done");
        }
        catch (JobException e)
        {
            return WhenStopped(reporter.Failed(e).Sanitize(), stopping);
        }
        catch (Exception e)
        {
            // A defect, or a fault without an explanation: it fails the run with its type and message.
            return WhenStopped(reporter.FailedUnexpectedly(e).Sanitize(), stopping);
        }
    }

    /// <summary>A stopped run exits with 143, unless it was refused or misconfigured, which requires manual action.</summary>
    private static JobResult WhenStopped(JobResult result, CancellationToken stopping) =>
        stopping.IsCancellationRequested && result.ExitCode is (ExitCode.Done or ExitCode.ChangesPending or ExitCode.Failed)
            ? result with { ExitCode = ExitCode.Terminated }
            : result;
}

/// <summary>Stops the host's application on a stop signal, instead of the signal handlers that the host installs by default.</summary>
internal sealed class JobLifetime(IHostApplicationLifetime application, CancellationToken stopping) : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        stopping.Register(application.StopApplication);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
