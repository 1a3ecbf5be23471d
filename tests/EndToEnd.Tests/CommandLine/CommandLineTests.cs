namespace ClusterTrust.EndToEnd.Tests.CommandLine;

/// <summary>The built binaries by themselves: their help, and exit code 2 with every fault at once for invalid settings, before anything is contacted.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("oidc", "rotate", "publish", "plan", "verify", "rotate", "trust", "completion")]
    [InlineData("certsync", "plan", "sync", "plan", "verify", "completion")]
    public async Task Every_command_is_listed_and_its_help_has_examples(string program, string shown, params string[] commands)
    {
        await using var runner = new BinaryRunner(Binaries.Find(program));

        var whole = await runner.RunAsync("--help");
        var help = Expect.Done(await runner.RunAsync(shown, "--help"), $"Usage: {program} {shown}").StandardOutput;

        Assert.All(commands, command => Assert.Matches($"(?m)^  {command} +[A-Z]", whole.StandardOutput));
        Assert.Contains($"{program} ", help[help.IndexOf("\nExamples:\n", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_invalid_setting_is_named()
    {
        await using var oidc = new BinaryRunner(Binaries.Find("oidc"));

        Expect.Exit(
            Expect.Usage,
            await oidc.RunAsync(
                ["publish", "--issuer", "http://insecure.example.com", "--repository", ":::", "--retain-removed-keys", "a while"],
                new Dictionary<string, string> { ["OIDC_VERIFY_TIMEOUT"] = "soon" }),
            "--issuer",
            "--repository",
            "--retain-removed-keys",
            "OIDC_VERIFY_TIMEOUT");
    }
}
