namespace ClusterTrust.EndToEnd.Tests.CommandLine;

/// <summary>The built binaries by themselves, without a cluster, and their completion in real shells.</summary>
public sealed class CommandLineTests
{
    private const string Trust = "trust --subject system:serviceaccount:shop:reader --issuer https://example.github.io/blue";

    [Theory]
    [InlineData("oidc", "rotate --help", "Usage: oidc rotate [options]")]
    [InlineData("certsync", "--help", "\n  verify      C")]
    [InlineData("oidc", Trust + " --cloud azure", "az identity federated-credential create")]
    [InlineData("oidc", Trust + " --cloud aws --output tofu", "resource \"aws_iam_openid_connect_provider\"")]
    [InlineData("oidc", Trust + " --cloud gcp --output json", "\"cloud\": \"gcp\"")]
    public async Task What_needs_no_cluster_is_printed(string program, string arguments, string expected)
    {
        await using var runner = new BinaryRunner(Binaries.Find(program)) { AlwaysStarts = arguments == "--help" };
        Expect.Done(await runner.RunAsync(arguments.Split(' ')), expected);
    }

    [Theory]
    [InlineData("bash", "oidc", "oidc ver", "verify")]
    [InlineData("zsh", "oidc", "oidc trust --clo", "--cloud")]
    [InlineData("fish", "certsync", "certsync sync --prune d", "delete")]
    public async Task A_shell_completes_what_is_typed(string shell, string program, string line, string completion)
    {
        await using var runner = new BinaryRunner(Tools.Find(shell, shell));
        runner.Environment["PATH"] = $"{Path.GetDirectoryName(Binaries.Find(program))}:/usr/bin:/bin";
        var words = line.Split(' ').Length;
        string[] arguments = shell switch
        {
            "bash" =>
            [
                "-euc",
                $"""
                source <({program} completion bash)
                COMP_WORDS=({line}) COMP_CWORD={words - 1} COMP_LINE="{line}" COMP_POINT={line.Length}
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
                words=({line}) CURRENT={words}
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
