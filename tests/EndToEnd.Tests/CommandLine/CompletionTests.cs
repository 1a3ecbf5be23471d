using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CommandLine;

/// <summary>Completion in real shells, by the scripts that the built binaries print.</summary>
public sealed class CompletionTests
{
    public static TheoryData<string, string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string, string>();
            foreach (var shell in new[] { "bash", "zsh", "fish" })
            {
                cases.Add(shell, "oidc", "oidc ver", "verify");
                cases.Add(shell, "oidc", "oidc trust --clo", "--cloud");
                cases.Add(shell, "certsync", "certsync sync --prune d", "delete");
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

        var output = await runner.RunAsync(arguments, timeout: TimeSpan.FromMinutes(10));

        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Contains(completion, output.StandardOutput.Split('\n'));
        Assert.Empty(output.StandardError);
    }
}
