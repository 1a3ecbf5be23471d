namespace ClusterTrust.Sandbox.Tests.Processes;

public sealed class BinaryRunnerTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly BinaryRunner _shell = new("/bin/sh");

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync() => await _shell.DisposeAsync();

    [Fact]
    public async Task The_environment_holds_nothing_but_what_is_given()
    {
        _shell.Environment["GIVEN"] = "to all";
        var output = await _shell.RunAsync(["-c", "env"], new Dictionary<string, string> { ["ONCE"] = "to one" });

        var names = output.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]);
        Assert.Equal(["DOTNET_ROOT", "GIVEN", "HOME", "ONCE", "PATH"], names.Except(["PWD", "_", "SHLVL", "OLDPWD"]).Order(StringComparer.Ordinal));
        Assert.Contains($"HOME={_shell.Home}\n", output.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_over_its_time_is_killed_with_its_children_and_its_output_reported()
    {
        await using var process = _shell.Start(["-c", "sleep 61 & echo $!; wait"]);
        await process.WaitForOutputAsync("\n");
        var child = int.Parse(process.StandardOutput.Trim(), System.Globalization.CultureInfo.InvariantCulture);

        var fault = await Assert.ThrowsAsync<TimeoutException>(() => process.WaitAsync(TimeSpan.FromMilliseconds(50)));

        Assert.Contains("was killed", fault.Message, StringComparison.Ordinal);
        Assert.True(process.HasExited);
        Assert.True(SpinWait.SpinUntil(() => ProcessTree.IsDead(child), TimeSpan.FromMinutes(2)), "the child survived");
    }
}
