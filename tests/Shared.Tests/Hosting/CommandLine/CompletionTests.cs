namespace ClusterTrust.Shared.Tests.Hosting.CommandLine;

/// <summary>What shells complete, and what makes them ask. The end-to-end tests press the key in real ones.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TestApplication _application = new();

    public static TheoryData<string> Shells => [.. CompletionCommand.Shells];

    public void Dispose() => _application.Dispose();

    [Theory]
    [InlineData("certsync sy", "sync")]
    [InlineData("certsync plan --clu", "--cluster")]
    [InlineData("certsync completion z", "zsh")]
    [InlineData("certsync plan --output j", "json")]
    [InlineData("certsync plan --output ", "json\ntable")]
    public async Task A_line_is_completed(string line, string completion)
    {
        Assert.Equal(0, await _application.RunAsync($"[suggest:{line.Length}]", line));
        Assert.Equal(completion + "\n", _application.Output.ToString());
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_script_is_printed_for_each_shell(string shell)
    {
        Assert.Equal(0, await _application.RunAsync("completion", shell));
        Assert.StartsWith("#", _application.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("[suggest:", _application.Output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("{{", _application.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_passes_the_line_and_the_cursor_and_keeps_what_matches()
    {
        Assert.Equal(0, await _application.RunAsync("completion", "bash"));
        var script = _application.Output + """
            certsync() { [ "$1" = "[suggest:13]" ] && [ "$2" = "certsync plan" ] && printf 'plan\nplan two\nsync\n'; }
            COMP_WORDS=(certsync plan) COMP_CWORD=1 COMP_LINE="certsync plan" COMP_POINT=13
            _certsync
            printf '%s|' "${COMPREPLY[@]}"
            """;
        await using var bash = new BinaryRunner("/bin/bash");
        Assert.Equal("plan|plan two|", (await bash.RunAsync("-euc", script)).StandardOutput);
    }

    [Theory]
    [InlineData()]
    [InlineData("powershell")]
    [InlineData("bash", "zsh")]
    public async Task Another_shell_is_a_usage_fault(params string[] shells)
    {
        Assert.Equal(2, await _application.RunAsync(["completion", .. shells]));
        Assert.Equal("error: completion needs one shell, bash, zsh or fish: certsync completion bash\n", _application.Error.ToString());
    }

    [Fact]
    public async Task Its_help_has_an_example_for_each_shell()
    {
        Assert.Equal(0, await _application.RunAsync("completion", "--help"));
        Assert.All(CompletionCommand.Shells, shell => Assert.Contains($"certsync completion {shell}", _application.Output.ToString(), StringComparison.Ordinal));
    }
}
