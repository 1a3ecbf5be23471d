namespace ClusterTrust.EndToEnd.Tests.CommandLine;

/// <summary>Completion in real shells, by the scripts that the built binaries print.</summary>
public sealed class CompletionTests
{
    private static readonly (string Program, string Line, string Completion)[] Lines =
        [("oidc", "oidc ver", "verify"), ("oidc", "oidc trust --clo", "--cloud"), ("certsync", "certsync sync --prune d", "delete")];

    /// <summary>Every line in every shell with <c>SOAK=1</c>; else one in each.</summary>
    public static TheoryData<string, string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string, string>();
            foreach (var (index, shell) in new[] { "bash", "zsh", "fish" }.Index())
            {
                foreach (var (program, line, completion) in Soak.IsOn ? Lines : [Lines[index]])
                {
                    cases.Add(shell, program, line, completion);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_shell_completes_what_is_typed(string shell, string program, string line, string completion)
    {
        await using var runner = new BinaryRunner(Tools.Find(shell, shell));
        var binary = Binaries.Find(program);
        runner.Environment["PATH"] = $"{Path.GetDirectoryName(binary)}:/usr/bin:/bin";
        var words = line.Split(' ');
        string[] arguments = shell switch
        {
            "bash" =>
            [
                "-euc",
                $"""
                source <({program} completion bash)
                COMP_WORDS=({line}) COMP_CWORD={words.Length - 1} COMP_LINE="{line}" COMP_POINT={line.Length}
                _{program}
                printf '%s\n' "${"{COMPREPLY[@]}"}"
                """,
            ],
            "zsh" =>
            [
                "-fc",
                $"""
                compdef() {"{ : }"}
                compadd() {"{ print -l -- $found }"}
                source <({program} completion zsh)
                words=({line}) CURRENT={words.Length}
                _{program}
                """,
            ],
            _ => ["--no-config", "-c", $"{program} completion fish | source; complete -C '{line}'"],
        };

        var output = Expect.Done(await runner.RunAsync(arguments));

        Assert.Contains(completion, output.StandardOutput.Split('\n'));
        Assert.Empty(output.StandardError);
    }
}
