namespace ClusterTrust.Hosting;

/// <summary>Writes <c>--help</c>: every option with its flag, environment variable, JSON key and default.</summary>
internal sealed class HelpWriter(JobApplication application, string configDirectory, TextWriter output)
{
    private const int Width = 100;

    private static readonly (ExitCode Code, string Meaning)[] ExitCodes =
    [
        (ExitCode.Done, "done, or nothing to do"),
        (ExitCode.Failed, "something failed; a retry may fix it"),
        (ExitCode.Usage, "invalid configuration or command line; a retry cannot help"),
        (ExitCode.Refused, "refused for safety; needs manual action"),
        (ExitCode.ChangesPending, "there are changes to make (only with --detailed-exitcode)"),
        (ExitCode.Terminated, "stopped by SIGTERM after finishing the current item"),
    ];

    /// <param name="command">The command; null for the whole program.</param>
    public void Write(JobCommand? command)
    {
        var shown = command ?? application.DefaultCommand;
        output.WriteLine(command?.Description ?? application.Description);
        output.WriteLine();
        var name = command?.Name ?? "[command]";
        output.WriteLine($"Usage: {application.Name} {name} [options]");
        if (command is null)
        {
            WriteCommands();
        }

        output.WriteLine();
        output.WriteLine(command is null ? $"Options of {shown.Name}:" : "Options:");
        shown.Settings.ToList().ForEach(WriteSetting);
        output.WriteLine();
        output.WriteLine("Common options:");
        CommonSettings.All.ToList().ForEach(WriteSetting);
        output.WriteLine("  -h, --help");
        output.WriteLine("  --version");
        output.WriteLine();
        WriteText("Flags override environment variables, which override the JSON file, which overrides defaults. Without --config, "
            + $"{configDirectory}/{application.Name}.json is read if it exists. Empty environment variables are ignored.", "");
        WriteExamples(command is null ? [.. application.Commands.SelectMany(each => each.Examples)] : command.Examples);
        WriteExitCodes(command?.Settings ?? application.AllSettings());
    }

    private void WriteCommands()
    {
        output.WriteLine();
        output.WriteLine("Commands:");
        var width = application.Commands.Select(command => command.Name).Append(CompletionCommand.Name).Max(name => name.Length);
        foreach (var command in application.Commands)
        {
            var note = command == application.DefaultCommand ? " (default)" : "";
            output.WriteLine($"  {command.Name.PadRight(width)}  {command.Description}{note}");
        }

        output.WriteLine($"  {CompletionCommand.Name.PadRight(width)}  {CompletionCommand.Description}");

        output.WriteLine();
        output.WriteLine($"{application.Name} COMMAND --help shows the options of a command.");
    }

    private void WriteSetting(Setting setting)
    {
        output.WriteLine(setting.IsSecret ? $"  {setting.EnvironmentName(application.EnvironmentPrefix)}"
            : $"  {setting.Flag} {setting.Placeholder}".TrimEnd() + (setting.IsList ? " (repeatable)" : ""));
        const string Indent = "      ";
        WriteText(setting.Description, Indent);
        var variables = setting.Aliases.Select(alias => alias.Name).Prepend(setting.EnvironmentName(application.EnvironmentPrefix));
        string?[] facts =
        [
            "environment " + string.Join(", ", variables),
            setting.Flag == CommonSettings.Config.Flag ? null : "JSON " + setting.JsonKey,
            setting.IsRequired ? "required" : setting.IsSecret ? "secret" : setting.DefaultText is { } text ? "default " + text : null,
        ];
        WriteText(string.Join("; ", facts.OfType<string>()), Indent);
    }

    private void WriteExamples(IReadOnlyList<(string CommandLine, string Purpose)> examples)
    {
        if (examples.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine("Examples:");
        foreach (var (commandLine, purpose) in examples)
        {
            WriteText(purpose, "  # ");
            output.WriteLine($"  {commandLine}");
        }
    }

    private void WriteExitCodes(IReadOnlyList<Setting> settings)
    {
        output.WriteLine();
        output.WriteLine("Exit codes:");
        foreach (var (code, meaning) in ExitCodes.Where(each => each.Code != ExitCode.ChangesPending || settings.Contains(CommonSettings.DetailedExitCode)))
        {
            output.WriteLine($"  {(int)code,3}  {meaning}");
        }
    }

    private void WriteText(string text, string indent)
    {
        var line = indent;
        foreach (var word in text.Split(' '))
        {
            if (line.Length > indent.Length && line.Length + word.Length > Width)
            {
                output.WriteLine(line.TrimEnd());
                line = indent;
            }

            line += word + " ";
        }

        output.WriteLine(line.TrimEnd());
    }
}
