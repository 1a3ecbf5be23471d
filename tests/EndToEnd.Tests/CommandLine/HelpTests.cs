using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CommandLine;

/// <summary>What the built binaries say of themselves.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("oidc", "publish", "plan", "verify", "rotate", "trust", "completion")]
    [InlineData("certsync", "sync", "plan", "verify", "completion")]
    public async Task Every_command_is_listed_and_its_help_has_examples(string program, params string[] commands)
    {
        await using var runner = new BinaryRunner(Binaries.Find(program));
        var whole = await runner.RunAsync("--help");
        foreach (var command in commands)
        {
            Assert.Matches($"(?m)^  {command} +[A-Z]", whole.StandardOutput);
            var help = await runner.RunAsync(command, "--help");
            Assert.True(help.ExitCode == 0, help.ToString());
            Assert.Contains($"Usage: {program} {command}", help.StandardOutput, StringComparison.Ordinal);
            var examples = help.StandardOutput[help.StandardOutput.IndexOf("\nExamples:\n", StringComparison.Ordinal)..];
            Assert.Contains($"{program} ", examples, StringComparison.Ordinal);
        }
    }
}
