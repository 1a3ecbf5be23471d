namespace ClusterTrust.Sandbox.Tests.Processes;

public sealed class BinaryRunnerTests
{
    [Fact]
    public async Task The_environment_holds_nothing_but_what_is_given()
    {
        await using var shell = new BinaryRunner("/bin/sh") { Environment = { ["GIVEN"] = "to all" } };
        var output = await shell.RunAsync(["-c", "env"], new Dictionary<string, string> { ["ONCE"] = "to one" });

        var names = output.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]);
        Assert.Equal(["DOTNET_ROOT", "GIVEN", "HOME", "ONCE", "PATH"], names.Except(["PWD", "_", "SHLVL", "OLDPWD"]).Order(StringComparer.Ordinal));
        Assert.Contains($"HOME={shell.Home}\n", output.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_over_its_time_is_killed_with_its_children_and_its_output_reported()
    {
        await using var shell = new BinaryRunner("/bin/sh");
        await using var process = shell.Start(["-c", "sleep 61 & echo $!; wait"]);
        await process.WaitForOutputAsync("\n");
        var child = $"/proc/{process.StandardOutput.Trim()}/stat";

        var fault = await Assert.ThrowsAsync<TimeoutException>(() => process.WaitAsync(TimeSpan.FromMilliseconds(50)));

        Assert.Contains("was killed", fault.Message, StringComparison.Ordinal);
        Assert.True(process.HasExited);

        // A killed orphan stays a zombie until init reaps it.
        Assert.True(SpinWait.SpinUntil(() => !File.Exists(child) || File.ReadAllText(child).Contains(") Z ", StringComparison.Ordinal), TimeSpan.FromMinutes(2)), "the child survived");
    }
}
