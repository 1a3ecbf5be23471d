using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;

namespace ClusterTrust.Hosting;

/// <summary>A parsed command line.</summary>
/// <param name="Command">The command; null when it does not exist, or when only <c>--help</c> is given.</param>
/// <param name="Flags">The values of each flag; none for a flag that has a fault.</param>
/// <param name="Faults">What is wrong, a sentence each.</param>
internal sealed record CommandLineInput(
    JobCommand? Command, IReadOnlyDictionary<string, IReadOnlyList<string>> Flags, IReadOnlyList<string> Faults, bool IsHelp);

/// <summary>
/// Parses with System.CommandLine. Every option takes plain texts, which the settings parse, so that faults of flags, environment and file
/// are reported alike.
/// </summary>
internal sealed class CommandLineParser
{
    private const int MaxShown = 65;

    private readonly JobApplication _application;
    private readonly RootCommand _root;
    private readonly HelpOption _help = new("--help", "-h", "-?") { Recursive = true };
    private readonly Dictionary<string, Option<string[]>> _options;

    public CommandLineParser(JobApplication application)
    {
        _application = application;
        _options = application.AllSettings()
            .Where(setting => !setting.IsSecret)
            .ToDictionary(setting => setting.Flag, CreateOption);
        _root = new RootCommand(application.Description);
        _root.Options.Clear();
        _root.Options.Add(_help);
        AddOptions(_root, application.DefaultCommand);
        foreach (var command in application.Commands)
        {
            var parsed = new Command(command.Name, command.Description);
            AddOptions(parsed, command);
            _root.Subcommands.Add(parsed);
        }

        var shell = new Argument<string>("shell");
        shell.CompletionSources.Add(CompletionCommand.Shells);
        _root.Subcommands.Add(new Command(CompletionCommand.Name, CompletionCommand.Description) { shell });
    }

    /// <summary>True for the call of a shell's completion script: <c>certsync [suggest:12] "certsync pl"</c>.</summary>
    public static bool IsSuggestion(string[] args) =>
        args is [['[', 's', 'u', 'g', 'g', 'e', 's', 't', ':', .. var position, ']'], ..] && int.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Returns completions, one a line.</summary>
    public string Suggest(string[] args)
    {
        using var output = new StringWriter();
        _root.Parse(args, new ParserConfiguration()).Invoke(new InvocationConfiguration { Output = output });
        return output.ToString();
    }

    public CommandLineInput Parse(string[] args)
    {
        var result = _root.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        var named = CommandOf(result);
        var isHelp = result.GetResult(_help) is { Implicit: false };
        var command = named ?? _application.DefaultCommand;
        var flags = new Dictionary<string, IReadOnlyList<string>>();
        var faults = new List<string>();
        foreach (var setting in JobApplication.SettingsOf(command))
        {
            if (_options.TryGetValue(setting.Flag, out var option) && result.GetResult(option) is { Implicit: false } given)
            {
                var texts = given.Tokens.Select(token => token.Value).ToArray();
                if (CheckUse(setting, given.IdentifierTokenCount, texts.Length) is { } fault)
                {
                    faults.Add(fault);
                    flags[setting.Flag] = [];
                }
                else
                {
                    flags[setting.Flag] = setting.IsSwitch && texts.Length == 0 ? ["true"] : texts;
                }
            }
        }

        // System.CommandLine ignores what is in brackets before the command.
        var unmatched = args is [['[', .., ']'] directive, ..] ? [directive] : result.UnmatchedTokens;
        var isUnknownCommand = named is null && unmatched is [var first, ..] && !first.StartsWith('-');
        faults.AddRange(WithoutValues(unmatched).Take(isUnknownCommand ? 1 : unmatched.Count).Select(token => Explain(token, named)));
        return new(isUnknownCommand ? null : isHelp ? named : command, flags, faults, isHelp && faults.Count == 0);
    }

    /// <summary>Omits what follows an unknown flag and is probably its value: one mistake, one sentence.</summary>
    private static IEnumerable<string> WithoutValues(IReadOnlyList<string> tokens) => tokens.Where((token, index) =>
        index == 0 || token.StartsWith('-') || !(tokens[index - 1].StartsWith('-') && !tokens[index - 1].Contains('=')));

    private static string? CheckUse(Setting setting, int times, int texts) =>
        texts < times && !setting.IsSwitch ? $"{setting.Flag} requires a value: {setting.Flag} {setting.Placeholder}"
        : times > 1 && !setting.IsList ? $"{setting.Flag} must be given once; it is given {times} times"
        : null;

    private string Explain(string token, JobCommand? command)
    {
        var shown = Sanitizer.Sanitize(token, MaxShown);
        if (!token.StartsWith('-'))
        {
            var names = _application.Commands.Select(known => known.Name).Append(CompletionCommand.Name).ToArray();
            return command is null
                ? $"'{shown}' is not a command{Near(token, names) ?? $"; the commands are {Sentence.List(names, "and")}"}"
                : $"'{shown}' is not expected after the command {command.Name}";
        }

        var flag = token.Split('=', 2)[0];
        if (_application.AllSettings().FirstOrDefault(setting => setting.IsSecret && setting.Flag == flag) is { } secret)
        {
            return $"{flag} is a secret and not taken from the command line; set "
                + $"{secret.EnvironmentName(_application.EnvironmentPrefix)} or \"{secret.JsonKey}\" in the configuration file";
        }

        return _options.ContainsKey(flag)
            ? $"{flag} is not an option of the command {(command ?? _application.DefaultCommand).Name}"
            : $"{Sanitizer.Sanitize(flag, MaxShown)} is not an option{Near(flag, _options.Keys.Append("--help").Append("--version"))}";
    }

    private static string? Near(string text, IEnumerable<string> names) =>
        Sentence.NearMiss(text, names) is { } miss ? $"; did you mean {miss}?" : null;

    private Option<string[]> CreateOption(Setting setting)
    {
        var option = new Option<string[]>(setting.Flag)
        {
            Arity = setting.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ZeroOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        if (setting.Placeholder.Contains('|'))
        {
            // Flags of the same name have other values in other commands.
            option.CompletionSources.Add(context => JobApplication.SettingsOf(CommandOf(context.ParseResult) ?? _application.DefaultCommand)
                .First(own => own.Flag == setting.Flag).Placeholder.Split('|').Select(static value => new CompletionItem(value)));
        }

        return option;
    }

    private JobCommand? CommandOf(ParseResult result) => _application.Commands.FirstOrDefault(command => command.Name == result.CommandResult.Command.Name);

    private void AddOptions(Command parsed, JobCommand command)
    {
        foreach (var setting in JobApplication.SettingsOf(command).Where(setting => !setting.IsSecret))
        {
            parsed.Options.Add(_options[setting.Flag]);
        }
    }
}
