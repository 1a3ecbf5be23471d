using ClusterTrust.Hosting.CommandLine;
using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.Hosting;

/// <summary>
/// A program that runs one job once: it reads the settings, runs the command, logs to standard error, writes results to standard output,
/// leaves a summary in the pod's termination log, and exits with an <see cref="ExitCode"/>.
/// </summary>
public sealed record JobApplication
{
    private JobApplication(string name, string description) => (Name, Description) = (name, description);

    /// <summary>The program's name: <c>certsync</c>.</summary>
    public string Name { get; }

    /// <summary>One sentence for <c>--help</c>.</summary>
    public string Description { get; }

    /// <summary>What the names of its environment variables begin with: <c>CERTSYNC_</c>.</summary>
    public string EnvironmentPrefix => Name.Replace('-', '_').ToUpperInvariant() + "_";

    /// <summary>Its commands, the default one first.</summary>
    public IReadOnlyList<JobCommand> Commands { get; private init; } = [];

    /// <summary>The command that runs when none is named.</summary>
    internal JobCommand DefaultCommand => Commands[0];

    /// <summary>Begins an application.</summary>
    /// <param name="name">The program's name; the prefix of its environment variables derives from it.</param>
    /// <param name="description">One sentence for <c>--help</c>.</param>
    public static JobApplication Create(string name, string description) => new(name, description);

    /// <summary>Adds a command; the first is the one that runs when none is named.</summary>
    public JobApplication WithCommand(JobCommand command) => this with { Commands = [.. Commands, command] };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line without the program's name.</param>
    /// <param name="environment">The process around the run; null for the real one.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string[] args, JobEnvironment? environment = null)
    {
        // Before anything else is touched: scripts ask for the version often.
        if (Array.IndexOf(args, "--version") >= 0)
        {
            await (environment?.Output ?? Console.Out).WriteLineAsync($"{Name} {JobVersion.Current}");
            return (int)ExitCode.Done;
        }

        environment ??= JobEnvironment.ForProcess();
        var parser = new CommandLineParser(this);
        if (CommandLineParser.AsksForSuggestions(args))
        {
            return parser.Suggest(args, environment.Output);
        }

        if (args is [CompletionCommand.Name, .. var rest])
        {
            return (int)new CompletionCommand(this, environment).Run(rest);
        }

        var input = parser.Parse(args);
        if (input.AsksForHelp)
        {
            new HelpWriter(this, environment).Write(input.Command);
            return (int)ExitCode.Done;
        }

        return (int)await new JobHost(this, environment).RunAsync(input);
    }

    /// <summary>The settings of a command, those of all commands last; a command's own of the same flag takes their place.</summary>
    internal static IReadOnlyList<Setting> SettingsOf(JobCommand command) =>
        [.. command.Settings.Concat(CommonSettings.All).DistinctBy(setting => setting.Flag)];

    /// <summary>The settings of all commands, each once.</summary>
    internal IReadOnlyList<Setting> AllSettings() =>
        [.. Commands.SelectMany(command => command.Settings).Concat(CommonSettings.All).DistinctBy(setting => setting.Flag)];
}
