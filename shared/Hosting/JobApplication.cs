using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Hosting;

/// <summary>
/// A program that runs one job once: it reads the settings, runs the command, logs to standard error, writes results to standard output,
/// writes a summary to the pod's termination log, and exits with an <see cref="ExitCode"/>.
/// </summary>
/// <param name="Name">The program's name: <c>certsync</c>; the prefix of its environment variables derives from it.</param>
/// <param name="Description">One sentence for <c>--help</c>.</param>
/// <param name="Commands">The commands, at least one; the first runs when none is named.</param>
public sealed record JobApplication(string Name, string Description, params IReadOnlyList<JobCommand> Commands)
{
    /// <summary>The prefix of the program's environment variables: <c>CERTSYNC_</c>.</summary>
    public string EnvironmentPrefix => Name.Replace('-', '_').ToUpperInvariant() + "_";

    /// <summary>The version as <c>--version</c> shows it: <c>0.1.0 (commit abcdef0)</c>.</summary>
    internal static string Version =>
        DescribeVersion(Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    internal JobCommand DefaultCommand => Commands[0];

    /// <param name="args">The command line without the program's name.</param>
    /// <param name="environment">The environment of the run; null for the real one, whose proxy all connections of the process then use.</param>
    public async Task<int> RunAsync(string[] args, JobEnvironment? environment = null)
    {
        if (environment is null)
        {
            environment = JobEnvironment.ForProcess();
            HttpClient.DefaultProxy = EnvironmentProxy.Of(HttpClient.DefaultProxy, environment.Variables.GetValueOrDefault);
        }

        try
        {
            return (int)await RunAsync(args, ReportWriter.For(environment.Output), environment);
        }
        catch (JobException fault)
        {
            // Before a run has begun, for which JobHost reports.
            environment.TryWriteError($"error: {fault.Message}");
            return (int)fault.ExitCode;
        }
    }

    private async Task<ExitCode> RunAsync(string[] args, TextWriter output, JobEnvironment environment)
    {
        var parser = new CommandLineParser(this);
        if (args.Contains("--version"))
        {
            output.WriteLine($"{Name} {Version}");
        }
        else if (CommandLineParser.IsSuggestion(args))
        {
            output.Write(parser.Suggest(args));
        }
        else if (args is [CompletionCommand.Name, .. var rest])
        {
            output.Write(CompletionCommand.Write(Name, rest));
        }
        else if (parser.Parse(args) is var input && !input.IsHelp)
        {
            return await new JobHost(this, environment).RunAsync(input);
        }
        else
        {
            new HelpWriter(this, environment.ConfigDirectory, output).Write(input.Command);
        }

        return ExitCode.Done;
    }

    /// <summary>The settings of a command, then the common ones. A setting of the command replaces a common one of the same flag.</summary>
    internal static IReadOnlyList<Setting> SettingsOf(JobCommand command) =>
        [.. command.Settings.Concat(CommonSettings.All).DistinctBy(setting => setting.Flag)];

    /// <summary>The settings of all commands, each once.</summary>
    internal IReadOnlyList<Setting> AllSettings() =>
        [.. Commands.SelectMany(command => command.Settings).Concat(CommonSettings.All).DistinctBy(setting => setting.Flag)];

    /// <param name="informationalVersion">A version, possibly followed by a plus sign and a commit: <c>0.1.0+abcdef0123</c>.</param>
    internal static string DescribeVersion(string? informationalVersion) => informationalVersion?.Split('+', 2) switch
    {
        [var number, { Length: > 0 } sha] => $"{number} (commit {sha[..Math.Min(7, sha.Length)]})",
        [var number, ..] => number,
        _ => "unknown",
    };
}

/// <summary>One command of a job.</summary>
/// <param name="Name">Its name: <c>plan</c>.</param>
/// <param name="Description">One sentence for <c>--help</c>.</param>
public sealed record JobCommand(string Name, string Description)
{
    /// <summary>The command's settings. The application adds <see cref="CommonSettings"/>.</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];

    /// <summary>Command lines for <c>--help</c>, each with its purpose.</summary>
    public IReadOnlyList<(string CommandLine, string Purpose)> Examples { get; init; } = [];

    /// <summary>Returns what every log line of a run contains, such as the cluster. Values may be invalid: it reads them with <see cref="SettingValues.TryGet"/>.</summary>
    public Func<SettingValues, IReadOnlyList<KeyValuePair<string, object?>>> Scope { get; init; } = static _ => [];

    /// <summary>Returns the part of the job that a run is, of several at once; null if it is the whole.</summary>
    public Func<SettingValues, string?> Instance { get; init; } = static _ => null;

    /// <summary>
    /// Checks values against each other and adds to <see cref="SettingValues.Faults"/>. Also runs when single values are invalid, so that
    /// all faults are reported at once: it reads values with <see cref="SettingValues.TryGet"/>.
    /// </summary>
    public Action<SettingValues> Validate { get; init; } = static _ => { };

    /// <summary>Registers the <see cref="IJob"/> and its dependencies. Runs only when every value is valid.</summary>
    public required Action<IServiceCollection, SettingValues> Configure { get; init; }
}
