namespace ClusterTrust.Docs.Tests.Commands;

/// <summary>
/// Reads commands as bash does, without running any: PATH is empty, so that every program is passed to bash's hook for unknown commands,
/// which records it. Quotes, continuations, variables, loops and substitutions are thus bash's own.
/// </summary>
internal static class Shell
{
    private const string Driver = """
        cd() { :; }
        command_not_found_handle() {
          local name given=()
          while read -r name; do
            case $name in PATH | HOME | DOTNET_ROOT | RECORD | SCRIPTS | PWD | OLDPWD | SHLVL | _) ;; *) given+=("$name=${!name}") ;; esac
          done < <(compgen -e)
          printf '%s\0' "$((${#given[@]} + $#))" "${given[@]}" "$@" >>"$RECORD"
        }
        for program in "$@"; do eval "function $program { command_not_found_handle $program \"\$@\"; }"; done
        for script in "$SCRIPTS"/*; do eval "$(<"$script")"; done
        """;

    /// <summary>Reads scripts, one after the other in one shell.</summary>
    /// <param name="programs">Programs that are called by a path.</param>
    /// <returns>Each command with the variables before it, as words; and what bash objects to.</returns>
    public static async Task<(IReadOnlyList<string[]> Commands, string Errors)> ReadAsync(IReadOnlyList<string> scripts, IReadOnlyList<string> programs)
    {
        using var folder = new TemporaryFolder("clustertrust-commands-");
        for (var i = 0; i < scripts.Count; i++)
        {
            folder.Write($"scripts/{i:D4}", scripts[i]);
        }

        folder.CreateFolder("work");
        var record = folder.Write("record", "");
        await using var bash = new BinaryRunner("/bin/bash") { WorkingDirectory = folder.Combine("work") };
        bash.Environment["PATH"] = "/nonexistent";
        bash.Environment["RECORD"] = record;
        bash.Environment["SCRIPTS"] = folder.Combine("scripts");
        var output = await bash.RunAsync(["--noprofile", "--norc", "-c", Driver, "bash", .. programs], timeout: TimeSpan.FromMinutes(5));

        var words = (await File.ReadAllTextAsync(record)).Split('\0');
        var commands = new List<string[]>();
        for (var i = 0; i < words.Length - 1; i += commands[^1].Length + 1)
        {
            commands.Add(words[(i + 1)..(i + 1 + int.Parse(words[i], null))]);
        }

        return (commands, output.StandardError.Trim());
    }
}
