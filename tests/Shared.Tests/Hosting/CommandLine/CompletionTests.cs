namespace ClusterTrust.Shared.Tests.Hosting.CommandLine;

/// <summary>The completions of shells, and the scripts that request them. The end-to-end tests complete in real shells.</summary>
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
    [InlineData("certsync sync --output ", "json\ntable")]
    [InlineData("certsync plan --output ", "json\nlines")]
    public async Task A_line_is_completed(string line, string completion) => Assert.Equal(completion + "\n", await _application.PrintAsync($"[suggest:{line.Length}]", line));

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_script_is_printed_for_each_shell(string shell)
    {
        var script = await _application.PrintAsync("completion", shell);
        Assert.StartsWith("#", script, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", script, StringComparison.Ordinal);
        Assert.Contains($"certsync completion {shell}", await _application.PrintAsync("completion", "--help"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_passes_the_line_and_the_cursor_and_keeps_what_matches()
    {
        var script = await _application.PrintAsync("completion", "bash") + """
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
        Assert.Equal("error: completion requires one shell, bash, zsh or fish: certsync completion bash\n", _application.Error.ToString());
    }
}
