using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CommandLine;

/// <summary>What the built binaries say of themselves.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("oidc", "rotate", "publish", "plan", "verify", "rotate", "trust", "completion")]
    [InlineData("certsync", "plan", "sync", "plan", "verify", "completion")]
    public async Task Every_command_is_listed_and_its_help_has_examples(string program, string shown, params string[] commands)
    {
        await using var runner = new BinaryRunner(Binaries.Find(program));
        var whole = await runner.RunAsync("--help");
        Assert.All(commands, command => Assert.Matches($"(?m)^  {command} +[A-Z]", whole.StandardOutput));
        var help = await runner.RunAsync(shown, "--help");
        Assert.True(help.ExitCode == 0, help.ToString());
        Assert.Contains($"Usage: {program} {shown}", help.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"{program} ", help.StandardOutput[help.StandardOutput.IndexOf("\nExamples:\n", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }
}
