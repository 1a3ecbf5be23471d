using ClusterTrust.Text;

namespace ClusterTrust.Hosting.CommandLine;

/// <summary><c>completion bash|zsh|fish</c>: prints what makes a shell complete the program's command lines, as kubectl's does.</summary>
/// <param name="application">The program.</param>
/// <param name="environment">Where it is printed.</param>
internal sealed class CompletionCommand(JobApplication application, JobEnvironment environment)
{
    /// <summary>The command's name.</summary>
    public const string Name = "completion";

    /// <summary>The command's description.</summary>
    public const string Description = "Print a script that makes a shell complete command lines.";

    /// <summary>The shells that are known.</summary>
    public static readonly string[] Shells = ["bash", "zsh", "fish"];

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows its name.</param>
    public ExitCode Run(string[] args)
    {
        switch (args)
        {
            case ["bash"]:
                environment.Output.Write(Bash(application.Name));
                return ExitCode.Done;
            case ["zsh"]:
                environment.Output.Write(Zsh(application.Name));
                return ExitCode.Done;
            case ["fish"]:
                environment.Output.Write(Fish(application.Name));
                return ExitCode.Done;
            case ["-h" or "-?" or "--help"]:
                WriteHelp();
                return ExitCode.Done;
            default:
                environment.Error.WriteLine($"error: {Name} needs one shell, {Sentence.List(Shells, "or")}: {application.Name} {Name} bash");
                return ExitCode.Usage;
        }
    }

    // The program completes the line itself: these ask it, so they know every option of the version that is installed.
    private static string Bash(string program) => $$"""
        # bash completion of {{program}}: source <({{program}} completion bash)
        _{{program}}() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _{{program}} {{program}}

        """;

    private static string Zsh(string program) => $$"""
        #compdef {{program}}
        # zsh completion of {{program}}: source <({{program}} completion zsh), after compinit; or as _{{program}} in a folder of fpath
        _{{program}}() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -a found || _files
        }
        if [ "$funcstack[1]" = "_{{program}}" ]; then _{{program}}; else compdef _{{program}} {{program}}; fi

        """;

    private static string Fish(string program) => $$"""
        # fish completion of {{program}}: {{program}} completion fish | source
        function __{{program}}_complete
            set -l line (commandline -cp)
            set -l position (string length -- "$line")
            {{program}} "[suggest:$position]" "$line" 2>/dev/null
        end
        complete -c {{program}} -a '(__{{program}}_complete)'

        """;

    private void WriteHelp()
    {
        var name = application.Name;
        environment.Output.WriteLine($"""
            {Description}

            Usage: {name} {Name} {string.Join('|', Shells)}

            Examples:
              # In bash, for this session; in ~/.bashrc, for every one.
              source <({name} {Name} bash)
              # In zsh, after compinit.
              source <({name} {Name} zsh)
              # In fish.
              {name} {Name} fish | source
            """);
    }
}
