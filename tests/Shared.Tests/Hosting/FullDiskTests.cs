namespace ClusterTrust.Shared.Tests.Hosting;

/// <summary>Outputs that take nothing.</summary>
public sealed class FullDiskTests
{
    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Results_that_cannot_be_written_are_a_failure_of_a_run_that_is_done(bool endsLine)
    {
        using var full = Full();
        using var application = new TestApplication((services, _) =>
        {
            services.GetRequiredService<JobRun>().Output.Write(endsLine ? "results\n" : "results");
            return TestApplication.Succeed(services, CancellationToken.None);
        });
        application.OtherOutput = full;
        Assert.Equal(1, await application.RunAsync("--cluster", "prod"));
        Assert.Contains("The results cannot be written to standard output (No space left on device", application.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("cannot be written", File.ReadAllText(application.TerminationLog), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help"), InlineData("plan --help"), InlineData("--version"), InlineData("completion bash"), InlineData("completion --help")]
    [InlineData("[suggest:0] ")]
    public async Task Help_version_and_completions_that_cannot_be_written_are_a_failure(string commandLine)
    {
        using var full = Full();
        using var application = new TestApplication { OtherOutput = full };
        Assert.Equal(1, await application.RunAsync(commandLine.Split(' ')));
        Assert.StartsWith("error: The results cannot be written to standard output (No space left on device", application.Error.ToString(), StringComparison.Ordinal);
        application.OtherError = full;
        Assert.Equal(1, await application.RunAsync(commandLine.Split(' ')));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_changes_nothing()
    {
        using var full = Full();
        using var application = new TestApplication { OtherError = full };
        Assert.Equal(0, await application.RunAsync("--cluster", "prod", "--verbose"));
        Assert.Contains("2 created", File.ReadAllText(application.TerminationLog), StringComparison.Ordinal);
    }

    /// <summary>A file to which nothing can be written, unbuffered like the console.</summary>
    private static StreamWriter Full() =>
        new(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)) { AutoFlush = true };
}
