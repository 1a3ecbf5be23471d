namespace ClusterTrust.Hosting;

/// <summary><c>completion bash|zsh|fish</c>: prints a script that makes a shell complete the program's command lines, as kubectl's does.</summary>
internal static class CompletionCommand
{
    public const string Name = "completion";

    public const string Description = "Print a script that makes a shell complete command lines.";

    public static readonly string[] Shells = ["bash", "zsh", "fish"];

    /// <exception cref="JobException">They name no shell, or more than one (<see cref="ExitCode.Usage"/>).</exception>
    public static string Write(string program, string[] args) => args switch
    {
        ["bash"] => Bash(program),
        ["zsh"] => Zsh(program),
        ["fish"] => Fish(program),
        ["-h" or "-?" or "--help"] => Help(program),
        _ => throw new JobException($"{Name} requires one shell, {Sentence.List(Shells, "or")}: {program} {Name} bash", ExitCode.Usage),
    };

    // The scripts request completions from the program, so that they include every option of the installed version.
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

    private static string Help(string program) => $"""
        {Description}

        Usage: {program} {Name} {string.Join('|', Shells)}

        Examples:
          # In bash, for this session; in ~/.bashrc, for every one.
          source <({program} {Name} bash)
          # In zsh, after compinit.
          source <({program} {Name} zsh)
          # In fish.
          {program} {Name} fish | source

        """;
}
