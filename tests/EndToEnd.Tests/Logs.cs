using System.Text.Json;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests;

/// <summary>Reads the JSON log lines that a job writes to standard error where that is no terminal.</summary>
internal static class Logs
{
    /// <summary>The messages of a level, in order.</summary>
    public static IReadOnlyList<string> Messages(Output run, string level) =>
        [.. run.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("level").GetString() == level)
            .Select(static line => line.GetProperty("message").GetString()!)];

    /// <summary>Holds a failed run to the contract: one clear sentence, the right exit code, no stack trace.</summary>
    public static string AssertOneSentence(Output run, int exitCode)
    {
        Assert.True(run.ExitCode == exitCode, run.ToString());
        var sentence = Assert.Single(Messages(run, "error"));
        Assert.DoesNotContain("   at ", run.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.StandardError, StringComparison.Ordinal);
        Assert.Equal("", run.StandardOutput);
        return sentence;
    }
}
